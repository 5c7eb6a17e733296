import AMQP
import Messaging
import Postgres

extension ReadinessCheck {
  /// The database answers.
  static func database(_ database: Database) -> ReadinessCheck {
    ReadinessCheck("database") { _ = try await database.session { try $0.execute("SELECT 1") } }
  }

  /// The broker answers and has been declared.
  static func broker(_ administration: Administration) -> ReadinessCheck {
    ReadinessCheck("broker") { try await administration.check(exchange: Topology.exchange) }
  }
}
