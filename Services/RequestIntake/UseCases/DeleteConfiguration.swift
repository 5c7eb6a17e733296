import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Deletes an object that nothing needs any more.
struct DeleteConfiguration: Sendable {
  let store: ConfigurationStore

  func callAsFunction(
    _ id: UUID, version: Vestibule_Model_V1_Version?, tenant: UUID, principal: Principal, _ work: Work,
    _ admission: Admission = .judged
  ) throws -> Guarded<Vestibule_Model_V1_ConfigurationObject> {
    let table = ConfigurationTable(connection: work.connection)
    // Before all other locks, as whoever asks does: what is asked under it is counted, or sees that it is gone.
    try OrganizationEndTable(connection: work.connection).awaitSharers(tenant)
    try DeadlineTable(connection: work.connection).lock([id])
    guard principal.isOperator || principal.tenant == tenant, try table.lock(tenant) else {
      throw Refusal.notFound
    }
    let loaded = try store.load([tenant], on: work.connection)
    guard let configuration = loaded.tenants[tenant], let stored = configuration.objects[id] else {
      throw Refusal.notFound
    }
    try ConfigurationPermission.require(
      principal, toWrite: stored.object, id: id, tenant: tenant, isNew: false, configuration)
    try ConfigurationVersion.check(version, against: stored)
    try checkUnused(stored, tenant, configuration, work)
    var object = stored.object
    object.deleted = true
    let effect = try ConfigurationEffect(
      tenant: tenant, configuration: configuration, connection: work.connection, now: work.now
    ).of(object, id: id, after: stored)
    try ResourceRight(configuration: configuration, principal: principal, work: work)
      .require(toRemove: stored.object, tenant: tenant)
    let waiting = try MassChangeGuard(work: work, tenant: tenant, principal: principal)
      .admit(.with { $0.delete.id = id.text }, effect, admission)
    if let waiting { return .waits(waiting) }
    return .done(
      try ConfigurationChange(
        tenant: tenant, epoch: loaded.epoch, initiator: principal.initiator, work: work
      ).save(object, id: id, after: stored))
  }

  private func checkUnused(
    _ stored: ConfigurationEntry, _ tenant: UUID, _ configuration: TenantConfiguration, _ work: Work
  ) throws {
    if stored.object.kind == .tenant { throw inUse("A tenant is not deleted.", by: stored.id.text) }
    let users = ConfigurationRules(configuration: configuration).users(of: stored.id)
    guard users.isEmpty else {
      throw Refusal(
        users.prefix(Self.mostNamed).map { user in
          Reason(
            .inUse, "The \(user.object.kind.text) \(user.object.name) names it.", field: "id",
            hint: user.id.text)
        })
    }
    let requests = RequestTable(connection: work.connection)
    let living =
      switch stored.object.kind {
      case .accessPackage: try requests.living(tenant: tenant, package: stored.id)
      case .assignmentPolicy: try requests.living(tenant: tenant, policy: stored.id)
      case .connectedOrganization: try requests.living(tenant: tenant, organization: stored.id)
      case .unspecified, .tenant, .issuer, .roleAssignment, .catalog, .resource, .domainList,
        .lifecycleSettings, .terms,
        .UNRECOGNIZED:
        Living()
      }
    if living.count > 0 {
      throw inUse(
        "\(living.count) requests or assignments live under it.",
        by: living.first.map(\.text).joined(separator: ", "))
    }
  }

  /// How many of the objects that name one are told.
  private static let mostNamed = 20

  private func inUse(_ sentence: String, by user: String) -> Refusal {
    Refusal(.inUse, sentence, field: "id", hint: user)
  }
}
