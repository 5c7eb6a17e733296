import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

/// What the hot paths cost, for a look at a change's effect: run with VESTIBULE_BENCH=1.
@Suite("Bench", .serialized, .enabled(if: ProcessInfo.processInfo.environment["VESTIBULE_BENCH"] != nil))
struct IntakeBench {
  @Test("Importing, submitting and folding 10,000")
  func tenThousand() async throws {
    try await IntakeFixture.run { intake in
      let people = (0..<10_000).map { index in
        Vestibule_Model_V1_Subject.with {
          ($0.email, $0.organization) = ("p\(index)@fabrikam.example", intake.organization.text)
          $0.identities = [
            .with { ($0.issuer, $0.subject) = ("https://login.fabrikam.example", "p\(index)") }
          ]
        }
      }
      var principals: [Principal] = []
      try await measure("import", 10_000) {
        for start in stride(from: 0, to: people.count, by: 500) {
          let answers = try await intake.commit { work in
            try PutSubjects(store: intake.store)(
              Array(people[start..<start + 500]), tenant: intake.tenant, principal: intake.operatorPrincipal,
              work)
          }
          principals += try answers.map { intake.guest("p", subject: UUID(text: try $0.get().id)) }
        }
      }
      var requests: [Vestibule_Model_V1_Request] = []
      let asking = principals
      try await measure("submit in 64s", 10_000) {
        for start in stride(from: 0, to: asking.count, by: 64) {
          let batch = asking[start..<min(start + 64, asking.count)].map { intake.submission(by: $0) }
          requests += try await intake.submit(batch).map { try $0.get() }
        }
      }
      let made = requests
      try await measure("fold in 500s", 10_000) {
        for start in stride(from: 0, to: made.count, by: 500) {
          try await intake.fold(
            made[start..<start + 500].map { intake.assignment(of: $0, .delivered, version: 2) })
        }
      }
    }
  }

  /// Prints microseconds per item: of the clock, and of this process.
  private func measure(_ what: String, _ count: Int, _ work: () async throws -> Void) async throws {
    let (wall, cpu) = (ContinuousClock.now, clock())
    try await work()
    let elapsed = wall.duration(to: .now) / count
    print("\(what): \(elapsed) each, of which \(Double(clock() - cpu) / Double(count)) µs here")
  }
}
