import AMQP
import Contracts
import EntitlementModel
import Foundation
import Logging
import Postgres
import Protocols
import SwiftProtobuf
import Synchronization
import TestSupport

@testable import Messaging
@testable import Provisioning

/// Provisioning without its wires: use cases over a database of their own, and a clock that tests move. The broker is
/// never there, so what is told stays in the outbox.
final class ProvisioningFixture: Sendable {
  let tenant = UUID()
  let package = UUID()
  let settle: Settlement
  let transactor: Transactor
  private let test: TestDatabase
  private let database: Database
  private let far: Database
  private let clock: Clock
  private let publishing: Task<Void, any Error>

  static func run(
    fault: (@Sendable () -> Fault?)? = nil, roles: [String] = ["reader"],
    _ body: (ProvisioningFixture) async throws -> Void
  ) async throws {
    let fixture = try await ProvisioningFixture(fault: fault)
    do {
      try await fixture.configure(fixture.package, roles: roles)
      try await body(fixture)
      await fixture.close()
    } catch {
      await fixture.close()
      throw error
    }
  }

  private init(fault: (@Sendable () -> Fault?)?) async throws {
    test = try await TestDatabase.make(template: "provisioning") { url in
      let database = Self.open(url)
      try await database.session { connection in
        try connection.script(
          """
          DO $$ BEGIN CREATE ROLE \(Self.role); EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
          """)
      }
      try await Migrator(
        schema: "provisioning", migrations: ProvisioningMigrations.all, runtimeRole: Self.role
      )
      .migrate(using: database)
      try await database.session { connection in
        try connection.script(
          AuditGuard.sql(
            schema: "provisioning", .init("guest", changes: "OLD.version <> NEW.version"),
            .init("assignment", changes: "OLD.version <> NEW.version"),
            .init("entitlement", changes: "OLD.claims <> NEW.claims"),
            .init("account_attribute", changes: "OLD.claims <> NEW.claims"),
            .init(
              "account",
              changes: "OLD.state <> NEW.state AND NEW.state IN ('active', 'blocked', 'deleted', 'failed')")))
      }
      await database.close()
    }
    let bound = test.url + "?options=-c%20role%3D\(Self.role)"
    let (database, far, clock) = (Self.open(bound), Self.open(bound), Clock())
    (self.database, self.far, self.clock) = (database, far, clock)
    let connectors =
      fault.map { fault in
        let connector = FaultyConnector(RemoteConnector(BuiltInDirectory(), database: far), fault: fault)
        return Connectors(embedded: [], external: [connector])
      } ?? Connectors(embedded: [BuiltInDirectory()])
    settle = Settlement(connectors: connectors, cache: ConfigurationCache())
    let outbox = OutboxPublisher(
      database: database, broker: try AMQPConfiguration(url: "amqp://guest:guest@127.0.0.1:1/"),
      source: .provisioning, logger: Self.logger)
    publishing = Task { try await outbox.run() }
    transactor = Transactor(database: database, outbox: outbox) { clock.now }
  }

  /// Row-level security binds it; migrations of `directory` know it by this name.
  private static let role = "vestibule_provisioning"
  private static let logger = Logger(label: "provisioning-tests") { _ in SwiftLogNoOpLogHandler() }

  private static func open(_ url: String) -> Database {
    var settings = DatabaseConfiguration(url: url, applicationName: "provisioning-tests")
    settings.searchPath = ["provisioning"]
    return Database(settings, logger: logger)
  }

  private func close() async {
    publishing.cancel()
    await database.close()
    await far.close()
  }
}

/// The present, as a test has it.
final class Clock: Sendable {
  private let instant = Mutex(Date(microseconds: Date().microseconds))

  var now: Date { instant.withLock { $0 } }

  /// In whole microseconds, as the database has it: sums of fractions may differ in their last digit.
  func advance(by period: Period) {
    instant.withLock { $0 = Date(microseconds: ($0 + period).microseconds) }
  }
}

extension ProvisioningFixture {
  var now: Date { clock.now }

  func advance(by period: Period) { clock.advance(by: period) }

  /// Everything of the directory and of provisioning that tests ask for, as `psql` prints it.
  @discardableResult
  func sql(_ text: String) async throws -> String {
    try await test.execute("SET search_path = provisioning; \(text)").trimmingCharacters(
      in: .whitespacesAndNewlines)
  }

  /// - Returns: what was told.
  @discardableResult
  func commit(_ body: @Sendable (Work) throws -> Void) async throws -> [Told] {
    try await transactor.commit(tenants: [tenant]) { work in
      try body(work)
      return work.events.map {
        Told(type: $0.type, aggregate: $0.aggregate, number: $0.number, body: $0.body)
      }
    }
  }

  func worker(leaseDuration: TimeInterval = 30) -> EntitlementWorker {
    EntitlementWorker(
      transactor: transactor, settle: settle, logger: Self.logger, leaseDuration: leaseDuration)
  }

  /// Lets workers do all that can be done now.
  func work() async throws {
    while try await worker().visit() > 0 {}
  }
}

struct Told: Sendable {
  let type: EventType
  let aggregate: UUID
  let number: Int
  let body: [UInt8]
}
