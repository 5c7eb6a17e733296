import GRPCCore
import Identity
import Messaging
import Postgres
import ServiceLifecycle
import ServiceRuntime

/// Owns configuration, people and requests.
struct RequestIntakeService: VestibuleService {
  static let name = ServiceName.requestIntake
  static var migrations: [Migration] { IntakeMigrations.all }

  let store = ConfigurationStore()
  private let resources: ServiceResources
  private let localPrincipals: LocalPrincipals

  init(_ resources: ServiceResources) throws {
    self.resources = resources
    let settings = resources.configuration
    let operators = try settings.issuersFile.map { try IssuersFile.read($0) } ?? []
    localPrincipals = LocalPrincipals(
      transactor: resources.transactor, store: store,
      issuers: IssuerFollower(
        database: resources.database, operators: operators, developmentIssuer: settings.developmentIssuer,
        logger: resources.logger))
  }

  var principals: any PrincipalSource { localPrincipals }

  var api: [any RegistrableRPCService] {
    let transactor = resources.transactor
    return [
      RequestsAPI(transactor: transactor, store: store),
      ConfigurationAPI(transactor: transactor, store: store, principals: localPrincipals),
      SubjectsAPI(transactor: transactor, store: store, principals: localPrincipals),
      TermsAPI(transactor: transactor, store: store),
      PrincipalsAPI(principals: localPrincipals),
      OrganizationsAPI(transactor: transactor, store: store, principals: localPrincipals),
      ConfirmationsAPI(transactor: transactor, store: store, principals: localPrincipals),
      OperationsAPI(transactor: transactor, republishers: Republishing.all(store)) { connection in
        try ConfigurationTable(connection: connection).tenants()
      },
    ]
  }

  var workers: [any Service] {
    [
      localPrincipals.issuers,
      DeadlineWorker(
        transactor: resources.transactor, logger: resources.logger,
        fire: FireIntakeDeadlines(store: store).callAsFunction),
      OrganizationEndWorker(transactor: resources.transactor, store: store, logger: resources.logger),
      Upkeep(
        "ended requests", logger: resources.logger,
        work: PruneRequests(transactor: resources.transactor, store: store).callAsFunction),
      Upkeep(
        "idempotency keys", logger: resources.logger,
        work: PruneIdempotencyKeys(transactor: resources.transactor).callAsFunction),
      Upkeep(
        "confirmations", logger: resources.logger,
        work: PruneConfirmations(transactor: resources.transactor).callAsFunction),
    ]
  }

  /// Before the issuers are known every caller would be a stranger.
  var readiness: [ReadinessCheck] {
    [ReadinessCheck("issuers") { [issuers = localPrincipals.issuers] in try await issuers.refresh() }]
  }
}
