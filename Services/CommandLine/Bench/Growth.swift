import EntitlementModel
import Foundation
import Messaging

/// Whether a journey costs the same with a million assignments stored: the filler is made by SQL, then the same
/// journeys run again.
struct Growth {
  let workload: Workload
  let users: Int
  let run: String

  private static let stored = 1_000_000

  /// Microseconds per journey on the full store over those on the nearly empty one.
  func ratio() async throws -> Double {
    let before = try await median("empty")
    try await fill()
    return before / (try await median("full"))
  }

  private func median(_ name: String) async throws -> Double {
    var rates: [Double] = []
    for number in 1...3 {
      let people = try await workload.people(users, name: "\(run)-\(name)-\(number)")
      rates.append(try await workload.journeys(people.crowd))
    }
    return rates.sorted()[1]
  }

  private func fill() async throws {
    Terminal.note("storing \(Self.stored) assignments …\n")
    for statement in FillerSQL.statements(count: Self.stored) {
      try await workload.inspection.script(statement)
    }
  }
}
