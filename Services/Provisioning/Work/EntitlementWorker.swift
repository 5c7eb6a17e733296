import EntitlementModel
import Foundation
import Logging
import Messaging
import ServiceLifecycle

/// Tells external connectors what is wanted, in any number of copies: leases guests, and visits them stage by stage.
struct EntitlementWorker: Service {
  let transactor: Transactor
  let settle: Settlement
  let logger: Logger
  var leaseDuration: TimeInterval = 30

  private static let guestsPerVisit = 100
  private static let pollInterval = Duration.milliseconds(200)

  func run() async throws {
    await poll(every: Self.pollInterval, "entitlements wait", logger: logger) { try await visit() > 0 }
  }

  /// One visit of the guests that have waited longest.
  /// - Returns: how many there were.
  func visit() async throws -> Int {
    var visit = try await lease()
    guard !visit.guests.isEmpty else { return 0 }
    let calls = ConnectorCalls(connectors: settle.connectors, limit: .seconds(leaseDuration / 3))
    var stage = try await record(visit, nil)
    while let asked = stage {
      let answers = await calls(asked)
      visit.note(answers)
      stage = try await record(visit, answers)
    }
    return visit.guests.count
  }

  func lease() async throws -> Visit {
    let duration = leaseDuration
    return try await transactor.commit(tenants: []) { work in
      let token = work.newID()
      let guests = try GuestWorkTable(connection: work.connection).lease(
        token, until: work.now.addingTimeInterval(duration), at: work.now, limit: Self.guestsPerVisit)
      return Visit(token: token, guests: guests)
    }
  }

  func record(_ visit: Visit, _ answers: VisitAnswers?) async throws -> VisitStage? {
    let record = RecordVisit(settle: settle, leaseDuration: leaseDuration)
    return try await transactor.commit(tenants: Set(visit.guests.map(\.tenant))) { work in
      try record(visit, answers, work)
    }
  }
}
