import GRPCCore
import Messaging
import Postgres
import ServiceLifecycle
import ServiceRuntime

/// The clock: tells owners what has fallen due. It changes nobody's access itself.
struct ExpiryService: VestibuleService {
  static let name = ServiceName.expiry
  static var migrations: [Migration] { ExpiryMigrations.all }

  private let resources: ServiceResources
  private let callers: RemotePrincipals

  init(_ resources: ServiceResources) throws {
    self.resources = resources
    let configuration = resources.configuration
    callers = try RemotePrincipals(
      try configuration.requireRequestIntake(), files: configuration.transportFiles)
  }

  var principals: any PrincipalSource { callers }

  var api: [any RegistrableRPCService] {
    [
      DeadlinesAPI(transactor: resources.transactor), NoticesAPI(transactor: resources.transactor),
      // It owns nothing that others copy.
      OperationsAPI(transactor: resources.transactor),
    ]
  }

  var workers: [any Service] {
    [
      callers,
      DeadlineWorker(transactor: resources.transactor, logger: resources.logger) { due, work in
        try FireDeadlines()(due, work)
      },
    ]
  }
}
