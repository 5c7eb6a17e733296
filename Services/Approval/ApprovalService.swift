import GRPCCore
import Messaging
import Postgres
import ServiceLifecycle
import ServiceRuntime

/// Who may say yes, who did, and what happens when nobody does.
struct ApprovalService: VestibuleService {
  static let name = ServiceName.approval
  static var migrations: [Migration] { ApprovalMigrations.all }

  let cache = ConfigurationCache()
  private let resources: ServiceResources
  private let callers: RemotePrincipals

  init(_ resources: ServiceResources) throws {
    self.resources = resources
    let configuration = resources.configuration
    callers = try RemotePrincipals(
      try configuration.requireRequestIntake(), files: configuration.transportFiles)
    addMetrics()
  }

  var principals: any PrincipalSource { callers }

  var api: [any RegistrableRPCService] {
    [
      ApprovalsAPI(transactor: resources.transactor, cache: cache),
      OperationsAPI(transactor: resources.transactor, republishers: [Republishing.approvals]),
    ]
  }

  var workers: [any Service] {
    [
      callers,
      DeadlineWorker(transactor: resources.transactor, logger: resources.logger) { due, work in
        try FireApprovalDeadlines()(due, work)
      },
      RoutingWorker(transactor: resources.transactor, cache: cache, logger: resources.logger),
    ]
  }

  private func addMetrics() {
    let count = CountRouting(transactor: resources.transactor)
    resources.metrics.gauge(
      "vestibule_open_routing_items",
      help: "Policies under which requests of an organization wait and nobody can be found who decides."
    ) {
      (try? await count()).map(Double.init)
    }
  }
}
