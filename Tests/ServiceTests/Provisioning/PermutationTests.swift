import EntitlementModel
import Foundation
import Postgres
import Protocols
import Testing

@testable import Messaging
@testable import Provisioning

/// Numbers that are the same in every run.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}

@Suite struct PermutationTests {
  @Test(
    "Whatever the order and the batches, and however often events come, the end is the same", arguments: 1...4
  )
  func endsTheSame(seed: UInt64) async throws {
    try await ProvisioningFixture.run(roles: ["reader", "writer"]) { service in
      var random = Seeded(state: seed)
      let (events, removed) = service.story(of: 50)
      let shuffled = (events + events.filter { _ in Bool.random(using: &random) }).shuffled(using: &random)
      try await service.fulfil(inBatchesOf: shuffled.split(at: 7...40, using: &random))
      try await service.expectEnd(people: 50, removed: removed)
    }
  }

  @Test("Two copies that fold the same people at the same time end the same")
  func worksInCopies() async throws {
    try await ProvisioningFixture.run(roles: ["reader", "writer"]) { service in
      var random = Seeded(state: 7)
      let (events, removed) = service.story(of: 50)
      let copies = (0..<2).map { _ in events.shuffled(using: &random).split(at: 5...20, using: &random) }
      async let first: Void = service.fulfil(inBatchesOf: copies[0])
      async let second: Void = service.fulfil(inBatchesOf: copies[1])
      _ = try await (first, second)
      try await service.expectEnd(people: 50, removed: removed)
    }
  }
}

extension ProvisioningFixture {
  /// People who get access, of whom every third loses it again.
  fileprivate func story(of people: Int) -> (events: [AccessRequest], removed: Int) {
    let adds = (0..<people).map { request(for: person("p\($0)")) }
    let removals = adds.enumerated().filter { $0.offset.isMultiple(of: 3) }.map {
      request(.userRemove, for: $0.element.target, assignment: $0.element.id)
    }
    return (adds + removals, removals.count)
  }

  fileprivate func fulfil(inBatchesOf batches: [[AccessRequest]]) async throws {
    for batch in batches { while try await !isFolded(batch) {} }
  }

  /// As the consumer does it: what another copy got ahead of is folded again, however often.
  private func isFolded(_ batch: [AccessRequest]) async throws -> Bool {
    do {
      try await fulfil(batch)
      return true
    } catch let error as DatabaseError where error.isRetryable {
      return false
    }
  }

  fileprivate func expectEnd(people: Int, removed: Int) async throws {
    let live = people - removed
    #expect(
      try await sql("SELECT state, count(*) FROM assignment GROUP BY 1 ORDER BY 1")
        == "delivered|\(live)\nexpired|\(removed)")
    #expect(
      try await sql("SELECT count(*) FROM guest WHERE live_assignments = 1 AND presence = 'active'")
        == "\(live)")
    #expect(
      try await sql("SELECT count(*) FROM guest WHERE presence = 'active' AND live_assignments <> 1") == "0")
    #expect(try await sql("SELECT count(*) FROM directory.user WHERE is_enabled") == "\(live)")
    #expect(try await memberships() == 2 * live)
    #expect(try await sql("SELECT count(*) FROM entitlement") == "\(2 * live)")
  }
}

extension Array {
  fileprivate func split(at sizes: ClosedRange<Int>, using random: inout some RandomNumberGenerator)
    -> [[Element]]
  {
    var (parts, rest) = ([[Element]](), self[...])
    while !rest.isEmpty {
      let size = Int.random(in: sizes, using: &random)
      parts.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return parts
  }
}
