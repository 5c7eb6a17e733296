import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Messaging

/// Goal: a reader judges by the newest configuration that it has seen, however that came.
@Suite("Copies of the configuration") struct ConfigurationCopiesTests {
  private typealias Object = Vestibule_Model_V1_ConfigurationObject

  private static let tenant = UUID()
  private static let package = UUID()

  private func object(
    _ id: UUID = Self.package, name: String, number: Int, epoch: Int = 1, deleted: Bool = false
  ) -> Object {
    Object.with {
      ($0.id, $0.tenant, $0.name, $0.deleted) = (id.text, Self.tenant.text, name, deleted)
      $0.version = Vestibule_Model_V1_Version(epoch: epoch, number: number)
      $0.catalog = .with { $0.displayName = name }
    }
  }

  private func event(_ object: Object) -> Received<Vestibule_Events_V1_ConfigurationEvent> {
    Received(
      id: Note.newID(), type: .packageChanged, aggregate: UUID(text: object.id) ?? UUID(),
      tenant: Self.tenant, version: Version(object.version), body: .with { $0.object = object })
  }

  private func snapshot(_ object: Object) throws -> Vestibule_Events_V1_Snapshot {
    try .with {
      ($0.id, $0.version, $0.object) = (object.id, object.version, try object.serializedBytes())
    }
  }

  /// Runs `body` on the copies in a transaction of its own.
  private func copies<Value: Sendable>(
    _ bench: MessagingBench, _ cache: ConfigurationCache,
    _ body: @Sendable (ConfigurationCopies) throws -> Value
  ) async throws -> Value {
    try await bench.transactor(bench.outbox()).commit(tenants: [Self.tenant]) { work in
      try body(ConfigurationCopies(connection: work.connection, cache: cache))
    }
  }

  private func name(_ bench: MessagingBench, _ cache: ConfigurationCache) async throws -> String? {
    try await copies(bench, cache) { try $0.load([Self.package])[Self.package]?.name }
  }

  @Test("The newest version counts, in whatever order versions come")
  func newestWins() async throws {
    let versions = [
      object(name: "first", number: 1), object(name: "second", number: 2), object(name: "third", number: 3),
      object(name: "restored", number: 1, epoch: 2),
    ]
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1]] {
      let (bench, cache) = (try await MessagingBench(), ConfigurationCache())
      for index in order {
        let event = event(versions[index])
        try await copies(bench, cache) { try $0.take([event]) }
        _ = try await name(bench, cache)
      }
      #expect(try await name(bench, cache) == "restored")
      let together = try await MessagingBench()
      let events = order.map { self.event(versions[$0]) }
      try await copies(together, cache) { try $0.take(events) }
      #expect(try await name(together, ConfigurationCache()) == "restored")
    }
  }

  @Test("A snapshot that came with an event is used and kept if it is newer, and ignored if it is older")
  func offersSnapshots() async throws {
    let (bench, cache) = (try await MessagingBench(), ConfigurationCache())
    let (old, new) = (object(name: "old", number: 1), object(name: "new", number: 2))
    for (offered, expected) in [([old], "old"), ([new, old], "new"), ([old], "new"), ([], "new")] {
      let snapshots = try offered.map(snapshot)
      let loaded = try await copies(bench, cache) {
        try $0.load([Self.package], offering: snapshots)[Self.package]?.name
      }
      #expect(loaded == expected)
    }
  }

  @Test("What another copy of the service took is seen at once: the cache serves no outdated version")
  func cacheIsNeverTheTruth() async throws {
    let (bench, one, other) = (try await MessagingBench(), ConfigurationCache(), ConfigurationCache())
    for number in 1...20 {
      let event = event(object(name: "version \(number)", number: number))
      try await copies(bench, number.isMultiple(of: 2) ? one : other) { try $0.take([event]) }
      #expect(try await name(bench, one) == "version \(number)")
      #expect(try await name(bench, other) == "version \(number)")
    }
  }

  @Test("What is deleted is found no more, neither by id nor by kind")
  func deletedIsGone() async throws {
    let (bench, cache) = (try await MessagingBench(), ConfigurationCache())
    let events = [event(object(name: "a", number: 1)), event(object(UUID(), name: "b", number: 1))]
    try await copies(bench, cache) { try $0.take(events) }
    #expect(try await names(of: [Self.tenant], bench, cache) == ["a", "b"])
    let deletion = event(object(name: "a", number: 2, deleted: true))
    try await copies(bench, cache) { try $0.take([deletion]) }
    #expect(try await name(bench, cache) == nil)
    #expect(try await names(of: [Self.tenant], bench, cache) == ["b"])
    #expect(try await names(of: [UUID()], bench, cache).isEmpty)
  }

  private func names(
    of tenants: [UUID], _ bench: MessagingBench, _ cache: ConfigurationCache
  ) async throws -> [String] {
    try await copies(bench, cache) { try $0.load(.catalog, of: tenants).map(\.name).sorted() }
  }
}
