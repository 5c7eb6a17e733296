import Contracts
import EntitlementModel
import Foundation
import Logging
import Messaging
import Postgres
import Protocols
import ServiceLifecycle
import SwiftProtobuf

/// Looks at resources' origins, in any number of copies, and tells what is there.
struct ResourceRefreshWorker: Service {
  let transactor: Transactor
  let connectors: Connectors
  let logger: Logger
  var leaseDuration: TimeInterval = 30

  private static let atOnce = 100
  private static let pollInterval = Duration.milliseconds(500)
  /// Then whoever asked is told why it could not be looked at.
  private static let mostAttempts = 5

  func run() async throws {
    await poll(every: Self.pollInterval, "refreshes of resources wait", logger: logger) {
      await transactor.waitForRoom()
      return try await visit() > 0
    }
  }

  /// - Returns: how many were looked at.
  func visit() async throws -> Int {
    let duration = leaseDuration
    let leased = try await transactor.commit(tenants: []) { work in
      try ResourceRefreshTable(connection: work.connection)
        .lease(until: work.now.addingTimeInterval(duration), at: work.now, limit: Self.atOnce)
    }
    for (system, refreshes) in Dictionary(grouping: leased, by: \.originSystem).sorted(by: { $0.key < $1.key }
    ) {
      try await look(at: refreshes, system)
    }
    return leased.count
  }

  private func look(at refreshes: [ResourceRefresh], _ system: String) async throws {
    let (queries, tenants) = (refreshes.map(ResourceQuery.init), Set(refreshes.map(\.tenant)))
    switch connectors.reach(system) {
    case .embedded(let connector):
      try await transactor.commit(tenants: tenants) { work in
        try record(refreshes, try connector.describe(queries, on: work.connection), work)
      }
    case .external(let connector):
      let limit = Duration.seconds(leaseDuration / 3)
      let answers = await CallDeadline.within(limit, queries.count) { await connector.describe(queries) }
      try await transactor.commit(tenants: tenants) { work in try record(refreshes, answers, work) }
    case .missing:
      let refused = queries.map { _ in ResourceAnswer.failure(.refused) }
      try await transactor.commit(tenants: tenants) { work in try record(refreshes, refused, work) }
    }
  }

  /// What may succeed later waits for its next turn; everything else is told.
  private func record(_ refreshes: [ResourceRefresh], _ answers: [ResourceAnswer], _ work: Work) throws {
    let answered = zip(refreshes, answers).filter { refresh, answer in
      guard case .failure(let error) = answer, error.isRetryable else { return true }
      return refresh.attempts >= Self.mostAttempts
    }
    let finished = try ResourceRefreshTable(connection: work.connection).finish(answered.map(\.0))
    for (refresh, answer) in answered where finished.contains(refresh.resource) {
      try work.tell(
        .resourceObserved, refresh.resource, tenant: refresh.tenant, number: Int(work.now.microseconds),
        by: .system,
        Vestibule_Events_V1_ResourceObservation(refresh, answer, at: work.now))
    }
  }
}

extension ResourceQuery {
  fileprivate init(_ refresh: ResourceRefresh) {
    self.init(tenant: refresh.tenant, originID: refresh.originID)
  }
}

extension Vestibule_Events_V1_ResourceObservation {
  fileprivate init(_ refresh: ResourceRefresh, _ answer: ResourceAnswer, at now: Date) {
    self.init()
    (resource, tenant) = (refresh.resource.text, refresh.tenant.text)
    (originSystem, originID) = (refresh.originSystem, refresh.originID)
    observedAt = Google_Protobuf_Timestamp(now)
    switch answer {
    case .success(.any): offersAnyRole = true
    case .success(.these(let offered)): roles = offered.sorted()
    case .failure(let error): failure = error.code.rawValue
    }
  }
}
