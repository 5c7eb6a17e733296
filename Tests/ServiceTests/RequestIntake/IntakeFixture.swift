import AMQP
import Contracts
import EntitlementModel
import Foundation
import Identity
import Logging
import Messaging
import Postgres
import Protocols
import SwiftProtobuf
import Synchronization
import TestSupport

@testable import RequestIntake

/// Request-intake without its wires: use cases over a database of their own, as the role that row-level
/// security binds, and a clock that tests move. What is told stays in the outbox, where tests count it.
final class IntakeFixture: Sendable {
  let tenant: UUID
  let organization = UUID()
  let catalog = UUID()
  let resource = UUID()
  let package = UUID()
  let policy = UUID()
  let store = ConfigurationStore()
  let database: Database
  private let clock = Mutex(Date(microseconds: Date().microseconds))
  private static let logger = Logger(label: "intake-tests") { _ in SwiftLogNoOpLogHandler() }

  static func run(_ body: (IntakeFixture) async throws -> Void) async throws {
    let test = try await TestDatabase.make(template: "intake") { url in
      let database = Database(DatabaseConfiguration(url: url, applicationName: "migration"), logger: logger)
      try await database.session { connection in
        try connection.script(
          """
          DO $$ BEGIN CREATE ROLE intake_test; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
          """)
      }
      try await Migrator(schema: "intake", migrations: IntakeMigrations.all, runtimeRole: "intake_test")
        .migrate(using: database)
      try await database.session { connection in
        try connection.script(
          AuditGuard.sql(
            schema: "intake", .init("configuration", changes: "OLD.version <> NEW.version"),
            .init("subject", changes: "OLD <> NEW"), .init("subject_identity", changes: "OLD <> NEW"),
            .init("request", changes: "OLD.version <> NEW.version"),
            .init(
              "confirmation", changes: "OLD.version <> NEW.version", deletions: "OLD.state = 'pending'"),
            .init("terms_text", changes: "OLD <> NEW"), .init("terms_acceptance", changes: "OLD <> NEW")))
      }
      await database.close()
    }
    let fixture = IntakeFixture(url: test.url)
    do {
      try await fixture.configure()
      try await body(fixture)
      await fixture.database.close()
    } catch {
      await fixture.database.close()
      throw error
    }
  }

  /// The same database, another tenant.
  init(sharing other: IntakeFixture) {
    (tenant, database) = (UUID(), other.database)
  }

  private init(url: String) {
    tenant = UUID()
    var configuration = DatabaseConfiguration(
      url: url + "?options=-c%20role%3Dintake_test", applicationName: "intake-tests")
    configuration.searchPath = ["intake"]
    configuration.sessions = 8
    database = Database(configuration, logger: Self.logger)
  }

  var now: Date { clock.withLock(\.self) }

  /// In whole microseconds, as the database has it: sums of fractions may differ in their last digit.
  func wait(_ period: Period) {
    clock.withLock { $0 = Date(microseconds: ($0 + period).microseconds) }
  }

  /// A transactor of its own, as another copy of the service has.
  func transactor() throws -> Transactor {
    let broker = try AMQPConfiguration(url: "amqp://nobody:nothing@127.0.0.1:1/none")
    let outbox = OutboxPublisher(
      database: database, broker: broker, source: .requestIntake, logger: Self.logger)
    return Transactor(database: database, outbox: outbox) { [self] in now }
  }

  func commit<Value: Sendable>(_ body: @Sendable (Work) throws -> Value) async throws -> Value {
    try await transactor().commit(tenants: [tenant], body)
  }

  func read<Value: Sendable>(_ body: @Sendable (Connection) throws -> Value) async throws -> Value {
    try await transactor().read(tenants: [tenant], body)
  }

  /// How often an event of this type was told.
  func told(_ type: EventType) async throws -> Int {
    let rows = try await read { try $0.values("SELECT events FROM outbox", as: [UInt8].self) }
    let name = Array(type.rawValue.utf8)
    let sized = [0, 0, 0, 0, 0, 0, 0, UInt8(name.count)] + name
    return rows.reduce(0) { $0 + $1.ranges(of: sized).count }
  }
}

extension IntakeFixture {
  var operatorPrincipal: Principal {
    Principal(
      tenant: nil, subject: nil, organization: nil, issuer: "https://operator.example",
      externalSubject: "root",
      email: nil, isMember: false, isOperator: true, roles: [], expiresAt: .distantFuture)
  }

  func administrator(_ roles: [GrantedRole] = [GrantedRole(role: .tenantAdministrator)]) -> Principal {
    Principal(
      tenant: tenant, subject: nil, organization: nil, issuer: "https://login.contoso.example",
      externalSubject: "admin", email: nil, isMember: true, isOperator: false, roles: roles,
      expiresAt: .distantFuture)
  }

  /// Somebody of Fabrikam who signs in; a subject of ours only if `subject` says so.
  func guest(
    _ name: String, subject: UUID? = nil, isMatched: Bool = true, isEmailProved: Bool = false,
    email: String? = nil
  ) -> Principal {
    Principal(
      tenant: tenant, subject: subject, organization: isMatched ? organization : nil,
      issuer: "https://login.fabrikam.example", externalSubject: name,
      email: email ?? "\(name)@fabrikam.example", isEmailProved: isEmailProved,
      isMember: false, isOperator: false, roles: [], expiresAt: .distantFuture)
  }

  /// A stored person of Fabrikam, signed in.
  func person(_ name: String) async throws -> Principal {
    let saved = try await putSubject { subject in
      subject.email = "\(name)@fabrikam.example"
      subject.organization = organization.text
      subject.identities = [.with { ($0.issuer, $0.subject) = ("https://login.fabrikam.example", name) }]
    }
    return guest(name, subject: UUID(text: saved.id))
  }

  @discardableResult
  func putSubject(
    by principal: Principal? = nil, _ fill: (inout Vestibule_Model_V1_Subject) -> Void
  ) async throws -> Vestibule_Model_V1_Subject {
    var subject = Vestibule_Model_V1_Subject()
    fill(&subject)
    let (asked, caller) = (subject, principal ?? operatorPrincipal)
    let answers = try await commit { [store, tenant] work in
      try PutSubjects(store: store)([asked], tenant: tenant, principal: caller, work)
    }
    return try answers[0].get()
  }

  @discardableResult
  func put(
    _ name: String, id: UUID? = nil, by principal: Principal? = nil,
    _ fill: (inout Vestibule_Model_V1_ConfigurationObject) -> Void
  ) async throws -> Vestibule_Model_V1_ConfigurationObject {
    var object = Vestibule_Model_V1_ConfigurationObject()
    (object.name, object.id) = (name, id?.text ?? "")
    fill(&object)
    let (asked, caller) = (object, principal ?? operatorPrincipal)
    return try await commit { [store, tenant] work in
      try PutConfiguration(store: store)(asked, tenant: tenant, principal: caller, work)
    }.get().object
  }

  func delete(_ id: UUID, by principal: Principal? = nil) async throws {
    let caller = principal ?? operatorPrincipal
    _ = try await commit { [store, tenant] work in
      try DeleteConfiguration(store: store)(id, version: nil, tenant: tenant, principal: caller, work)
    }.get()
  }

  func configure() async throws {
    try await put("contoso") { $0.tenantSettings.displayName = "Contoso" }
    try await putOrganization()
    try await putCatalog()
    try await put("files", id: resource) {
      $0.resource = .with {
        ($0.catalog, $0.displayName, $0.kind) = (self.catalog.text, "Files", .group)
        ($0.originSystem, $0.originID, $0.roles) = ("directory", "files", ["member"])
      }
    }
    try await put("suppliers", id: package) {
      $0.accessPackage = .with {
        ($0.catalog, $0.displayName) = (self.catalog.text, "Suppliers")
        $0.resourceRoles = [.with { ($0.resource, $0.role) = (self.resource.text, "member") }]
      }
    }
    try await putPolicy()
  }

  func putCatalog(_ change: (inout Vestibule_Model_V1_Catalog) -> Void = { _ in }) async throws {
    try await put("partners", id: catalog) { object in
      object.catalog = .with {
        ($0.displayName, $0.state, $0.isExternallyVisible) = ("Partners", .published, true)
        change(&$0)
      }
    }
  }

  func putOrganization(
    by principal: Principal? = nil,
    _ change: (inout Vestibule_Model_V1_ConnectedOrganization) -> Void = { _ in }
  ) async throws {
    try await put("fabrikam", id: organization, by: principal) { object in
      object.connectedOrganization = .with {
        $0.displayName = "Fabrikam"
        $0.identitySources = [.with { $0.domain.domainName = "fabrikam.example" }]
        change(&$0)
      }
    }
  }

  func putPolicy(
    _ name: String = "standard", id: UUID? = nil,
    _ change: (inout Vestibule_Model_V1_AssignmentPolicy) -> Void = { _ in }
  ) async throws {
    try await put(name, id: id ?? policy) { object in
      object.assignmentPolicy = .with {
        ($0.accessPackage, $0.displayName) = (self.package.text, "Standard")
        $0.allowedTargetScope = .specificConnectedOrganizationUsers
        $0.specificAllowedTargets = [self.organization.text]
        $0.expiration = .with { ($0.type, $0.duration) = (.afterDuration, "P180D") }
        change(&$0)
      }
    }
  }

  /// A second package, for the same people.
  func putAnotherPackage(
    _ change: (inout Vestibule_Model_V1_AssignmentPolicy) -> Void = { _ in }
  ) async throws -> UUID {
    let other = UUID()
    try await put("other", id: other) { object in
      object.accessPackage = .with {
        ($0.catalog, $0.displayName) = (self.catalog.text, "Other")
        $0.resourceRoles = [.with { ($0.resource, $0.role) = (self.resource.text, "member") }]
      }
    }
    try await putPolicy("other", id: UUID()) {
      $0.accessPackage = other.text
      change(&$0)
    }
    return other
  }

  func requireApproval(
    _ fill: (inout Vestibule_Model_V1_ApprovalStage) -> Void = { _ in }
  ) async throws {
    let approver = try await putSubject { $0.email = "approver@contoso.example" }
    try await putPolicy {
      $0.requestApprovalSettings = .with {
        ($0.isApprovalRequiredForAdd, $0.isApprovalRequiredForUpdate) = (true, true)
        $0.stages = [
          .with {
            $0.durationBeforeAutomaticDenial = "P14D"
            $0.primaryApprovers = [.with { $0.singleUser.subject = approver.id }]
            fill(&$0)
          }
        ]
      }
    }
  }
}
