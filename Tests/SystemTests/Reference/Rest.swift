import AMQP
import Foundation
import LocalSystem
import Messaging
import TestSupport

/// Waits until nothing is on its way and nothing is due, and looks then.
actor Rest {
  private let running: RunningSystem
  private let administration: Administration

  init(_ running: RunningSystem) throws {
    self.running = running
    administration = Administration(
      try AMQPConfiguration(url: running.system.amqpURL), logger: RunningSystem.logger)
  }

  func observe(_ tenant: String) async throws -> Observed {
    try await eventually(within: .seconds(120), "everything comes to rest") {
      guard try await isQuiet() else { return false }
      return try await isQuiet()
    }
    return Observed(try await running.rows(Observed.query(tenant)))
  }

  /// After the broker was away.
  func reconnect() async throws {
    try await eventually(within: .seconds(60), "the broker answers") {
      (try? await administration.status(ofQueue: ServiceName.requestIntake.queue)) != nil
    }
  }

  func until(_ date: Date) async throws {
    try await eventually(within: .seconds(180), "\(date)") { Date() >= date }
  }

  private func isQuiet() async throws -> Bool {
    for service in ServiceName.allCases {
      guard try await administration.status(ofQueue: service.queue).messageCount == 0 else { return false }
      let dead = try await administration.status(ofQueue: service.deadLetterQueue).messageCount
      if dead > 0 {
        throw ReferenceRun.Difference(description: "\(dead) dead letters of \(service.rawValue)")
      }
    }
    return try await running.number(Self.unfinished) == 0
  }

  /// Nor does anything fall due while we look.
  private static let unfinished = """
    SELECT (SELECT count(*) FROM intake.outbox) + (SELECT count(*) FROM approval.outbox)
      + (SELECT count(*) FROM provisioning.outbox) + (SELECT count(*) FROM expiry.outbox)
      + (SELECT count(*) FROM intake.deadline WHERE due_at <= now() + interval '1 second')
      + (SELECT count(*) FROM approval.deadline WHERE due_at <= now() + interval '1 second')
      + (SELECT count(*) FROM expiry.deadline WHERE due_at <= now() + interval '1 second')
      + (SELECT count(*) FROM directory.group_change) + (SELECT count(*) FROM intake.organization_end)
      + (SELECT count(*) FROM provisioning.guest_work) + (SELECT count(*) FROM provisioning.package_change)
      + (SELECT count(*) FROM provisioning.contract_cap)
      + (SELECT count(*) FROM pg_stat_activity
         WHERE usename LIKE 'vestibule%' AND state IN ('active', 'idle in transaction'))
    """
}
