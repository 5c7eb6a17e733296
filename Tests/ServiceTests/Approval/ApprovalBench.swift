import AMQP
import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import LocalSystem
import Logging
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf
import TestSupport

@testable import Approval
@testable import Messaging

/// The approval service without its wires: use cases and API over a migrated database of one test's own, with a role
/// that row-level security binds.
struct ApprovalBench {
  private static let logger = Logger(label: "approval-tests") { _ in SwiftLogNoOpLogHandler() }
  private static let role = "approval_" + UUID().uuidString.lowercased().replacing("-", with: "")

  let tenant = UUID()
  let policy = UUID()
  let package = UUID()
  let fabrikam = UUID()
  let target = UUID()
  let sponsor = UUID()
  let noon = Date(microseconds: 1_800_000_000_000_000)
  let cache = ConfigurationCache()
  let storage: TestDatabase
  let database: Database

  init(stage: Vestibule_Model_V1_ApprovalStage) async throws {
    try await self.init(stages: [stage])
  }

  init(stages: [Vestibule_Model_V1_ApprovalStage] = [.asking([.externalSponsors])]) async throws {
    storage = try await TestDatabase.make(template: "approval", migrate: Self.migrate)
    database = Self.open(
      storage.administrator.url(database: storage.name, user: Self.role, password: Self.role))
    try await configure(stages)
  }

  /// A transactor of its own, as another copy of the service has one.
  func transactor(at instant: Date? = nil) throws -> Transactor {
    let instant = instant ?? noon
    let outbox = OutboxPublisher(
      database: database, broker: try AMQPConfiguration(url: "amqp://localhost"), source: .approval,
      logger: Self.logger)
    return Transactor(database: database, outbox: outbox, clock: { instant })
  }

  @discardableResult
  func commit<Result: Sendable>(
    at instant: Date? = nil, _ body: @Sendable (Work) throws -> Result
  ) async throws -> Result {
    try await transactor(at: instant).commit(tenants: [tenant], body)
  }

  func configure(
    _ stage: Vestibule_Model_V1_ApprovalStage, sponsors: [UUID]? = nil, version: Int = 1
  ) async throws {
    try await configure([stage], sponsors: sponsors, version: version)
  }

  func configure(
    _ stages: [Vestibule_Model_V1_ApprovalStage], sponsors: [UUID]? = nil, version: Int = 1
  ) async throws {
    try await take([
      policyObject(stages, version: version), organizationObject(sponsors ?? [sponsor], version: version),
    ])
  }

  /// Takes objects as events tell them.
  func take(_ objects: [Vestibule_Model_V1_ConfigurationObject]) async throws {
    let events = objects.map { object in
      Received(
        id: UUID(), type: .policyChanged, aggregate: UUID(text: object.id) ?? UUID(), tenant: tenant,
        version: EntitlementModel.Version(epoch: 1, number: max(1, Int(object.version.number))),
        body: Vestibule_Events_V1_ConfigurationEvent.with { $0.object = object })
    }
    try await commit { [cache] work in
      try ConfigurationCopies(connection: work.connection, cache: cache).take(events)
    }
  }

  /// Everything that was told and lies in the outbox, in its order.
  func told(_ type: EventType) async throws -> [Vestibule_Model_V1_Approval] {
    let events = try await database.transaction { connection in
      try connection.values("SELECT events FROM outbox ORDER BY created_at", as: [UInt8].self)
        .flatMap { OutboxRow.decode($0) ?? [] }
    }
    return try events.filter { $0.type == type }
      .map { try Vestibule_Events_V1_ApprovalEvent(serializedBytes: $0.body).approval }
  }

  func state(of id: UUID) async throws -> String? {
    try await transactor().read(tenants: [tenant]) { [tenant] connection in
      try ApprovalTable(connection: connection).find([id], tenants: [tenant])[id]?.approval.state.rawValue
    }
  }

  private static func open(_ url: String) -> Database {
    var configuration = DatabaseConfiguration(url: url, applicationName: "approval-tests")
    configuration.searchPath = ["approval"]
    return Database(configuration, logger: logger)
  }

  private static let migrate: @Sendable (String) async throws -> Void = { url in
    let owner = open(url)
    try await owner.session { connection in
      try connection.script("CREATE ROLE \"\(role)\" LOGIN PASSWORD '\(role)'")
    }
    try await Migrator(schema: "approval", migrations: ApprovalMigrations.all, runtimeRole: role)
      .migrate(using: owner)
    try await owner.session { connection in
      try connection.script(
        AuditGuard.sql(
          schema: "approval",
          // One that was over before it was seen to wait is no approval, only the memory of that.
          .init("approval", insertions: "NEW.state = 'pending'", changes: "OLD.version <> NEW.version"),
          .init("approval_routing", changes: "OLD.version <> NEW.version"),
          .init("delegation", changes: "OLD <> NEW")))
    }
    await owner.close()
  }
}

extension ApprovalBench {
  func policyObject(
    _ stages: [Vestibule_Model_V1_ApprovalStage], version: Int
  ) -> Vestibule_Model_V1_ConfigurationObject {
    .with {
      ($0.id, $0.tenant, $0.name) = (policy.text, tenant.text, "partners")
      $0.version = Vestibule_Model_V1_Version(epoch: 1, number: version)
      $0.assignmentPolicy.accessPackage = package.text
      $0.assignmentPolicy.allowedTargetScope = .allExternalUsers
      $0.assignmentPolicy.expiration.type = .noExpiration
      $0.assignmentPolicy.requestApprovalSettings.isApprovalRequiredForAdd = true
      $0.assignmentPolicy.requestApprovalSettings.stages = stages
    }
  }

  func organizationObject(_ sponsors: [UUID], version: Int) -> Vestibule_Model_V1_ConfigurationObject {
    .with {
      ($0.id, $0.tenant, $0.name) = (fabrikam.text, tenant.text, "fabrikam")
      $0.version = Vestibule_Model_V1_Version(epoch: 1, number: version)
      $0.connectedOrganization.displayName = "Fabrikam"
      $0.connectedOrganization.externalSponsors = sponsors.map(\.text)
    }
  }

  /// The event of a request in a state; `offset` orders requests by time.
  func event(
    _ type: EventType, _ id: UUID,
    version: EntitlementModel.Version = EntitlementModel.Version(epoch: 1, number: 1),
    offset: TimeInterval = 0,
    target: UUID? = nil, organization: UUID?? = nil
  ) -> Received<Vestibule_Events_V1_RequestEvent> {
    let state: AccessRequest.State = type == .requestSubmitted ? .pendingApproval : .canceled
    let request = AccessRequest(
      id: id, tenant: tenant, version: version.number, kind: .userAdd, state: state,
      status: type == .requestSubmitted ? .pendingApproval : .canceled,
      target: Target(
        subject: target ?? self.target, email: "anna@fabrikam.example", displayName: "Anna", isMember: false),
      requestor: target ?? self.target, accessPackage: package, assignmentPolicy: policy,
      organization: organization ?? fabrikam, assignment: id, justification: "The spring project",
      startsAt: nil,
      term: Term(), createdAt: noon + offset, completedAt: nil)
    return Received(
      id: UUID(), type: type, aggregate: id, tenant: tenant, version: version,
      body: .with { $0.request = Vestibule_Model_V1_Request(request, epoch: version.epoch) })
  }

  /// Opens an approval for each.
  func open(_ ids: [UUID], target: UUID? = nil, organization: UUID?? = nil) async throws {
    let events = ids.enumerated().map { index, id in
      event(.requestSubmitted, id, offset: Double(index), target: target, organization: organization)
    }
    try await commit { [cache] work in try OpenApprovals(cache: cache)(events, work) }
  }

  func openOne(target: UUID? = nil) async throws -> UUID {
    let id = UUID()
    try await open([id], target: target)
    return id
  }

  func caller(_ subject: UUID? = nil, organization: UUID?? = nil) -> Caller {
    Caller(tenant: tenant, subject: subject ?? sponsor, organization: organization ?? fabrikam)
  }

  func decide(
    _ id: UUID, by caller: Caller? = nil, _ verdict: ApprovalProcess.Verdict = .approve,
    justification: String = "", stage: Int? = nil, endsAt: Date? = nil, at instant: Date? = nil
  ) async throws -> Result<StoredApproval, Refusal> {
    let answer = Answer(
      approval: id, caller: caller ?? self.caller(), verdict: verdict, justification: justification,
      stage: stage, endsAt: endsAt)
    return try await commit(at: instant) { [cache] work in
      try DecideApprovals(cache: cache)([answer], work)[0]
    }
  }

  func follow(
    _ subject: UUID, bar: Subject.Bar? = nil, leftAt: Date? = nil, manager: UUID? = nil,
    sponsors: [UUID] = [], person: UUID? = nil, organization: UUID? = nil, version: Int = 1
  ) async throws {
    let told = Subject(
      id: subject, tenant: tenant, version: version, email: "b@fabrikam.example", displayName: "Ben",
      kind: .external, identities: [], organization: organization, bar: bar, leftAt: leftAt, manager: manager,
      sponsors: sponsors,
      person: person)
    let event = Received(
      id: UUID(), type: .subjectChanged, aggregate: subject, tenant: tenant,
      version: EntitlementModel.Version(epoch: 1, number: version),
      body: Vestibule_Events_V1_SubjectEvent.with {
        $0.subject = Vestibule_Model_V1_Subject(told, epoch: 1)
      })
    try await commit { work in try FollowSubjects()([event], work) }
  }

  /// Calls the API in somebody's name.
  func call<Result>(
    as caller: Caller, holding roles: [GrantedRole] = [],
    _ body: (ApprovalsAPI, ServerContext) async throws -> Result
  ) async throws -> Result {
    let principal = Principal(
      tenant: caller.tenant, subject: caller.subject, organization: caller.organization, issuer: "",
      externalSubject: "", email: nil, isMember: false, isOperator: false, roles: roles,
      expiresAt: .distantFuture)
    let api = ApprovalsAPI(transactor: try transactor(), cache: cache)
    let context = ServerContext(
      descriptor: MethodDescriptor(fullyQualifiedService: "approvals", method: "any"), remotePeer: "test",
      localPeer: "test", cancellation: ServerContext.RPCCancellationHandle())
    let call = CallContext(principal: principal, traceParent: nil, token: "")
    return try await CallContext.$current.withValue(call) { try await body(api, context) }
  }
}

extension Vestibule_Model_V1_ApprovalStage {
  static func asking(
    _ approvers: [AssignmentPolicy.Approver], fallback: [UUID] = [], requiresJustification: Bool = false,
    quorum: Int32 = 1, within timeout: String = "P14D", escalatingTo escalation: [UUID] = []
  ) -> Self {
    .with {
      ($0.durationBeforeAutomaticDenial, $0.approvalsRequired) = (timeout, quorum)
      if !escalation.isEmpty {
        ($0.isEscalationEnabled, $0.durationBeforeEscalation) = (true, "P4D")
        $0.escalationApprovers = escalation.map { .init(.singleUser($0)) }
      }
      $0.primaryApprovers = approvers.map(Vestibule_Model_V1_SubjectSet.init)
      $0.fallbackPrimaryApprovers = fallback.map { .init(.singleUser($0)) }
      $0.isApproverJustificationRequired = requiresJustification
    }
  }
}

extension Vestibule_Model_V1_SubjectSet {
  fileprivate init(_ approver: AssignmentPolicy.Approver) {
    self.init()
    switch approver {
    case .singleUser(let user): singleUser.subject = user.text
    case .internalSponsors: internalSponsors = .init()
    case .externalSponsors: externalSponsors = .init()
    case .requestorManager(let level): requestorManager.managerLevel = Int32(level)
    case .targetUserSponsors: targetUserSponsors = .init()
    case .groupMembers(let group): groupMembers = .with { ($0.group, $0.originID) = (UUID().text, group) }
    }
  }
}

extension Result<StoredApproval, Refusal> {
  var codes: [Reason.Code] {
    switch self {
    case .success: []
    case .failure(let refusal): refusal.reasons.map(\.code)
    }
  }
}
