import LocalSystem
import Testing
import Protocols
import TestSupport

extension RunningSystem {
  /// Waits until the sponsor can see these requests.
  func awaitPending(_ ids: [String]) async throws {
    let (sponsor, wanted) = (try system.issuer.sponsor(), Set(ids))
    try await eventually(within: .seconds(60), "requests wait for the sponsor") {
      wanted.isSubset(of: try await desk.pending(for: sponsor).map(\.id))
    }
  }

  /// The sponsor approves all of them with one call.
  func approve(_ ids: [String]) async throws {
    try await awaitPending(ids)
    let decided = try await desk.approveAll(ids, by: system.issuer.sponsor())
    #expect(decided == ids.count)
  }
}
