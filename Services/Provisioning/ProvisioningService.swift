import EntitlementModel
import Foundation
import GRPCCore
import Messaging
import Postgres
import ServiceLifecycle
import ServiceRuntime

/// Guests, their accounts, and what they have until when.
struct ProvisioningService: VestibuleService {
  static let name = ServiceName.provisioning
  static var migrations: [Migration] { ProvisioningMigrations.all }

  let principals: any PrincipalSource
  private let remotePrincipals: RemotePrincipals
  private let resources: ServiceResources
  let settle: Settlement

  init(_ resources: ServiceResources) throws {
    let configuration = try ProvisioningConfiguration(resources.configuration)
    self.resources = resources
    settle = Settlement(connectors: configuration.connectors(resources), cache: ConfigurationCache())
    remotePrincipals = try RemotePrincipals(
      configuration.requestIntake, files: resources.configuration.transportFiles)
    principals = remotePrincipals
    addMetrics()
  }

  var api: [any RegistrableRPCService] {
    let transactor = resources.transactor
    return [
      AssignmentsAPI(transactor: transactor, settle: settle),
      GuestsAPI(transactor: transactor, settle: settle),
      DirectoryAPI(transactor: transactor),
      OperationsAPI(transactor: transactor, republishers: Republishers.all) { connection in
        try TenantTable(connection: connection).all()
      },
    ]
  }

  var workers: [any Service] {
    let (transactor, logger) = (resources.transactor, resources.logger)
    let packages = PackageChangeWorker(transactor: transactor, settle: settle, logger: logger)
    let contracts = ContractCapWorker(transactor: transactor, settle: settle, logger: logger)
    let refreshes = ResourceRefreshWorker(
      transactor: transactor, connectors: settle.connectors, logger: logger)
    let groups = GroupChangeWorker(transactor: transactor, logger: logger)
    let always: [any Service] = [remotePrincipals, packages, contracts, refreshes, groups]
    guard settle.connectors.hasExternal else { return always }
    return always + [EntitlementWorker(transactor: transactor, settle: settle, logger: logger)]
  }

  private func addMetrics() {
    let (database, transactor, cache) = (resources.database, resources.transactor, settle.cache)
    resources.metrics.gauge(
      "vestibule_zombie_guests",
      help: "Governed guests who should have gone and have not (counted up to 1,000)."
    ) {
      let tenants = try? await database.transaction(readOnly: true) { try TenantTable(connection: $0).all() }
      guard let tenants else { return nil }
      let found = try? await transactor.read(tenants: tenants) { connection in
        try FindZombies(cache: cache)(
          of: tenants.sorted(), trustsCounts: true, limit: 1_000, at: Date(), on: connection)
      }
      return found.map { Double($0.count) }
    }
    resources.metrics.gauge(
      "vestibule_pending_entitlement_seconds",
      help: "Age of the oldest change that a connector has not confirmed."
    ) {
      try? await database.transaction(readOnly: true) { try GuestWorkTable(connection: $0).oldestPending() }
    }
    resources.metrics.gauge(
      "vestibule_pending_package_change_seconds",
      help: "Age of the oldest change of a package that has not come to all its holders."
    ) {
      try? await database.transaction(readOnly: true) { try PackageChangeTable(connection: $0).oldest() }
    }
    resources.metrics.gauge(
      "vestibule_pending_contract_cap_seconds",
      help: "Age of the oldest end of a contract that has not come to all assignments of its organization."
    ) {
      try? await database.transaction(readOnly: true) { try ContractCapTable(connection: $0).oldest() }
    }
  }
}
