import AMQP
import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Logging
import Postgres
import Protocols
import SwiftProtobuf
import TestSupport

@testable import Expiry
@testable import Messaging

/// The expiry service without its wires: use cases over a migrated database of one test's own.
struct ExpiryBench {
  static let logger = Logger(label: "expiry-tests") { _ in SwiftLogNoOpLogHandler() }
  private static let role = "expiry_" + UUID().uuidString.lowercased().replacing("-", with: "")

  let tenant = UUID()
  let noon = Date(microseconds: 1_800_000_000_000_000)
  let database: Database

  init() async throws {
    let storage = try await TestDatabase.make(template: "expiry", migrate: Self.migrate)
    database = Self.open(
      storage.administrator.url(database: storage.name, user: Self.role, password: Self.role))
  }

  @discardableResult
  func commit<Result: Sendable>(
    at instant: Date? = nil, _ body: @Sendable (Work) throws -> Result
  ) async throws -> Result {
    let instant = instant ?? noon
    let outbox = OutboxPublisher(
      database: database, broker: try AMQPConfiguration(url: "amqp://localhost"), source: .expiry,
      logger: Self.logger)
    return try await Transactor(database: database, outbox: outbox, clock: { instant })
      .commit(tenants: [tenant], body)
  }

  /// Takes an event of an assignment in this state.
  func take(
    _ id: UUID, _ state: Assignment.State = .delivered, version: Int = 1, epoch: Int = 1,
    deliveredAt: Date? = nil,
    endsAt: Date?
  ) async throws {
    let assignment = Assignment(
      id: id, tenant: tenant, version: version, state: state,
      target: Target(subject: UUID(), email: "", displayName: "", isMember: false), accessPackage: UUID(),
      assignmentPolicy: nil, organization: nil, term: Term(), startsAt: nil, deliveredAt: deliveredAt ?? noon,
      endsAt: endsAt, endReason: nil, endedAt: nil, failure: nil, answeredRequest: nil)
    let event = Received(
      id: UUID(), type: .assignmentDelivered, aggregate: id, tenant: tenant,
      version: EntitlementModel.Version(epoch: epoch, number: version),
      body: Vestibule_Events_V1_AssignmentEvent.with { $0.assignment = .init(assignment, epoch: epoch) })
    try await commit { work in try ArmAssignments()([event, event], work) }
  }

  /// Takes an event of a guest.
  func takeGuest(_ id: UUID, version: Int, blockDueAt: Date? = nil, deleteDueAt: Date? = nil) async throws {
    let event = Received(
      id: UUID(), type: .guestBlocked, aggregate: id, tenant: tenant,
      version: EntitlementModel.Version(epoch: 1, number: version),
      body: Vestibule_Events_V1_GuestEvent.with {
        $0.guest.id = id.text
        if let blockDueAt { $0.guest.blockDueAt = Google_Protobuf_Timestamp(blockDueAt) }
        if let deleteDueAt { $0.guest.deleteDueAt = Google_Protobuf_Timestamp(deleteDueAt) }
      })
    try await commit { work in try ArmGuests()([event], work) }
  }

  /// Fires what is due at an instant, once.
  ///
  /// - Returns: what was told.
  @discardableResult
  func fire(at instant: Date) async throws -> [Event] {
    try await commit(at: instant) { work in
      let table = DeadlineTable(connection: work.connection)
      let due = try table.claim(at: work.now, limit: 1_000)
      try table.advance(try FireDeadlines()(due, work))
      return work.events
    }
  }

  func deadline(of id: UUID) async throws -> Deadline? {
    try await database.transaction { connection in
      try connection.row(
        """
        SELECT aggregate, kind, tenant, epoch, version, due_at, ends_at, recipient FROM deadline WHERE aggregate = \(id)
        """)
    }
  }

  private static func open(_ url: String) -> Database {
    var configuration = DatabaseConfiguration(url: url, applicationName: "expiry-tests")
    configuration.searchPath = ["expiry"]
    return Database(configuration, logger: logger)
  }

  private static let migrate: @Sendable (String) async throws -> Void = { url in
    let owner = open(url)
    try await owner.session { connection in
      try connection.script("CREATE ROLE \"\(role)\" LOGIN PASSWORD '\(role)'")
    }
    try await Migrator(schema: "expiry", migrations: ExpiryMigrations.all, runtimeRole: role).migrate(
      using: owner)
    try await owner.session { connection in
      try connection.script(AuditGuard.sql(schema: "expiry", .init("notice", changes: "OLD <> NEW")))
    }
    await owner.close()
  }
}
