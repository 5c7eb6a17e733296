import AMQP
import Foundation
import LocalSystem
import Messaging
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: what operators type does what it says.
  @Suite("Operators") struct OperatorTests {
    @Test("Applying a tenant twice changes nothing the second time")
    func applyIsIdempotent() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      #expect(try await running.apply().contains("nothing to change"))
    }

    @Test("Readers that lost their copies are filled again with the same")
    func republish() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      try await running.comesToRest()
      let schemas = ["approval", "provisioning"]
      var before: [String: [String]] = [:]
      for schema in schemas {
        before[schema] = try await copies(in: schema, running)
        #expect(before[schema]?.isEmpty == false)
        _ = try await running.rows("TRUNCATE \(schema).configuration_copy")
      }
      try await running.vestibule("republish", "--type", "configuration")
      for schema in schemas {
        try await eventually(equals: before[schema] ?? []) { try await copies(in: schema, running) }
      }
      #expect(try await running.vestibule("republish").contains("told again"))
      try await running.comesToRest()
    }

    private func copies(in schema: String, _ running: RunningSystem) async throws -> [String] {
      try await running.rows(
        "SELECT id, tenant, kind, epoch, version, deleted FROM \(schema).configuration_copy ORDER BY id")
    }

    @Test(
      "A message that a service can not take is listed, replayed and dropped", arguments: ServiceName.allCases
    )
    func deadLetters(_ service: ServiceName) async throws {
      let running = try await RunningSystem.shared()
      let publisher = Publisher(
        try AMQPConfiguration(url: running.system.amqpURL), logger: RunningSystem.logger)
      try await publisher.publish([
        Message(
          exchange: "", routingKey: service.queue, headers: [("ce-type", .string("vestibule.nonsense.v1"))],
          body: Array("nonsense".utf8), isMandatory: true)
      ])
      await publisher.close()
      try await eventually(equals: 1) { try await running.deadLetters(of: service) }
      let selection = ["--service", service.rawValue]
      #expect(
        try await running.vestibule("dead-letters", "list", selection[0], selection[1]).contains(
          "unknownType"))
      #expect(
        try await running.vestibule("dead-letters", "replay", selection[0], selection[1]).contains(
          "1 replayed"))
      try await eventually(equals: 1) { try await running.deadLetters(of: service) }
      try await running.vestibule("dead-letters", "drop", "--yes", selection[0], selection[1])
      #expect(try await running.vestibule("dead-letters", "list").contains("no dead letters"))
    }
  }
}
