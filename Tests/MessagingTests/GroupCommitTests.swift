import EntitlementModel
import Foundation
import Postgres
import Testing

@testable import Messaging

/// Goal: calls share transactions, and nobody pays for another's mistake.
@Suite("Group commit") struct GroupCommitTests {
  private func notes(_ bench: MessagingBench) -> GroupCommit<String, String> {
    let tenant = UUID()
    return GroupCommit(transactor: bench.transactor(bench.outbox()), tenant: { _ in tenant }) { items, work in
      let good = items.filter { $0 != "refused" }
      try Note.write(good.map { (Note.newID(), tenant, $0) }, on: work.connection)
      return items.map { $0 == "refused" ? .failure(.notFound) : .success("took \($0)") }
    }
  }

  private func outcomes(
    _ items: [String], _ call: GroupCommit<String, String>
  ) async -> [String: Result<String, any Error>] {
    await withTaskGroup(of: (String, Result<String, any Error>).self) { group in
      for item in items {
        group.addTask {
          do { return (item, .success(try await call(item))) } catch { return (item, .failure(error)) }
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  @Test("A thousand calls at once share few transactions, and each gets its own answer")
  func shares() async throws {
    let bench = try await MessagingBench()
    let items = (0..<1_000).map { "item \($0)" }
    let answers = await outcomes(items, notes(bench))
    for item in items { #expect(try answers[item]?.get() == "took \(item)") }
    #expect(try await bench.count("note") == 1_000)
    #expect(try await bench.count("note", distinct: "moment") < 60)
  }

  @Test("A call that is refused, or that the database refuses, fails alone")
  func failsAlone() async throws {
    let bench = try await MessagingBench()
    let good = (0..<100).map { "item \($0)" }
    let answers = await outcomes(good + ["refused", "forbidden"], notes(bench))
    for item in good { #expect(try answers[item]?.get() == "took \(item)") }
    #expect(throws: Refusal.notFound) { try answers["refused"]?.get() }
    #expect(throws: DatabaseError.self) { try answers["forbidden"]?.get() }
    #expect(try await bench.count("note") == 100)
  }

  @Test("Whoever comes when a thousand wait is told so at once")
  func refusesWhenOverloaded() async throws {
    let bench = try await MessagingBench()
    let answers = await outcomes((0..<3_000).map { "item \($0)" }, notes(bench))
    var refused = 0
    for (item, answer) in answers {
      do {
        #expect(try answer.get() == "took \(item)")
      } catch let refusal as Refusal {
        #expect(refusal.reasons.map(\.code) == [.overloaded])
        refused += 1
      }
    }
    #expect(try await bench.count("note") == 3_000 - refused)
    #expect(refused > 0)
  }
}
