import AMQP
import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols
import SwiftProtobuf

@testable import Messaging

/// What the tests fold: each event leaves a row, without any key, so that a fold too many shows.
enum Note {
  typealias Body = Vestibule_Events_V1_Due

  static let migration = Migration(
    name: "M0100_note",
    sql: """
      CREATE TABLE note (event uuid NOT NULL, tenant uuid NOT NULL, text text NOT NULL CHECK (text <> 'forbidden'),
        moment xid8 NOT NULL DEFAULT pg_current_xact_id());
      ALTER TABLE note ENABLE ROW LEVEL SECURITY;
      ALTER TABLE note FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON note
        USING (tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[]));
      """)

  static let subscription = On(.assignmentExpiryDue, as: Body.self) { events, work in
    try write(events.map { ($0.id, $0.tenant, $0.body.aggregate) }, on: work.connection)
  }

  static func write(_ notes: [(event: UUID, tenant: UUID, text: String)], on connection: Connection) throws {
    try connection.execute(
      """
      INSERT INTO note (event, tenant, text)
      SELECT * FROM unnest(\(notes.map(\.event)), \(notes.map(\.tenant)), \(notes.map(\.text)))
      """)
  }

  static func body(_ text: String) -> Body { Body.with { $0.aggregate = text } }

  /// Tells a note, which the provisioning service reads.
  static func tell(_ text: String, tenant: UUID = UUID(), _ work: Work) throws {
    try work.tell(.assignmentExpiryDue, UUID(), tenant: tenant, number: 1, by: .system, body(text))
  }

  static func event(_ text: String = "note", tenant: UUID = UUID(), at moment: Date = Date()) throws -> Event
  {
    try Event(
      id: newID(at: moment), type: .assignmentExpiryDue, aggregate: UUID(), tenant: tenant, number: 1,
      body: body(text))
  }

  static func newID(at moment: Date = Date()) -> UUID {
    UUID(at: moment, entropy: (.random(in: .min ... .max), .random(in: .min ... .max)))
  }

  /// As the expiry service publishes it.
  static func message(_ event: Event) -> AMQP.Message {
    CloudEventHeaders.message(event, epoch: 1, source: .expiry)
  }
}

extension MessagingBench {
  func consumer(
    _ transactor: Transactor, prefetch: Int = 200, subscriptions: [Subscription] = [Note.subscription]
  ) -> EventConsumer {
    EventConsumer(
      service: service, subscriptions: subscriptions, transactor: transactor, broker: broker,
      prefetch: prefetch, logger: Self.logger)
  }

  func publish(_ events: [Event]) async throws {
    let publisher = publisher()
    try await publisher.publish(events.map(Note.message))
    await publisher.close()
  }

  func publish(_ messages: [AMQP.Message]) async throws {
    let publisher = publisher()
    try await publisher.publish(messages)
    await publisher.close()
  }

  /// Everything was folded, nothing waits, nothing is dead.
  func settles(notes: Int) async throws {
    try await awaitNotes(notes)
    try await eventuallyEmpty(service.queue)
    try await eventuallyEmpty(service.deadLetterQueue)
  }
}
