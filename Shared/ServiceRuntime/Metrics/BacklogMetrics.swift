import AMQP
import Messaging
import Postgres

extension MetricsRegistry {
  /// Adds the numbers that are zero when everything is done. What cannot be read is left out.
  func addBacklog(of service: ServiceName, database: Database, administration: Administration) {
    gauge("vestibule_oldest_outbox_seconds", help: "How long the oldest event has waited for the broker.") {
      try? await Backlog.read(database: database).outbox
    }
    gauge("vestibule_oldest_due_deadline_seconds", help: "How long the oldest due deadline has waited.") {
      try? await Backlog.read(database: database).deadline
    }
    gauge(
      "vestibule_oldest_unsealed_seconds", help: "How long the oldest audit entry has waited for its seal."
    ) {
      try? await Backlog.oldestUnsealed(database: database)
    }
    gauge("vestibule_dead_letters", help: "Messages that could not be taken.") {
      await Self.messages(on: service.deadLetterQueue, administration)
    }
    gauge("vestibule_queued_messages", help: "Messages that wait on the service's queue.") {
      await Self.messages(on: service.queue, administration)
    }
  }

  private static func messages(on queue: String, _ administration: Administration) async -> Double? {
    (try? await administration.status(ofQueue: queue)).map { Double($0.messageCount) }
  }
}
