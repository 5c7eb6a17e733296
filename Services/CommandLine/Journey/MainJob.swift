import EntitlementModel
import Foundation
import LocalSystem
import Messaging
import Protocols
import SwiftProtobuf

/// The whole main job for a crowd of Fabrikam's people: request, sponsor's approval, guest, access, expiry, removal.
struct MainJob {
  let system: LocalSystem
  let tenant: SampleTenant
  let crowd: Crowd
  let sponsorToken: String
  let inspection: Inspection
  /// What earlier runs left in the databases.
  let before: DemoSummary

  private static let limit = Duration.seconds(900)
  private var phoenix: UUID { tenant.package("project-phoenix") }
  private var workshop: UUID { tenant.package("workshop") }

  func run() async throws {
    try await request(phoenix, "ask for Project Phoenix")
    try await approve()
    try await delivered(phoenix, "Project Phoenix delivered", after: before.phoenixDelivered)
    try await request(workshop, "ask for the workshop")
    try await delivered(workshop, "workshop delivered", after: before.workshopDelivered)
    try await expired(workshop, "the workshop is over: access removed", after: before.workshopEnded)
    try await giveBack()
    try await blocked()
  }

  private func request(_ package: UUID, _ title: String) async throws {
    var bar = ProgressBar(title, of: crowd.count)
    let (tenant, tokens) = (tenant.id.uuidString.lowercased(), crowd.tokens)
    let package = package.uuidString.lowercased()
    try await calling(.requestIntake) { calls in
      try await calls(tokens.count, done: { _ in }) { number, connection in
        _ = try await connection.requests.submit(
          .with {
            $0.tenant = tenant
            $0.accessPackage = package
            $0.justification = "Working with Contoso"
          }, metadata: .bearer(tokens[number]))
      }
    }
    bar.advance(to: crowd.count)
    bar.finish()
  }

  /// The sponsor sees what waits, page by page, and decides each page with one call.
  private func approve() async throws {
    var bar = ProgressBar("the sponsor approves", of: crowd.count)
    let tenantID = tenant.id.uuidString.lowercased()
    let token = sponsorToken
    var decided = 0
    let deadline = ContinuousClock.now + Self.limit
    while decided < crowd.count {
      guard ContinuousClock.now < deadline else { throw Failure.unfinished("approvals: \(decided)") }
      decided += try await withServiceConnection(system.copies(of: .approval)[0].grpcURL) { connection in
        let page = try await connection.approvals.listPending(
          .with {
            $0.tenant = tenantID
            $0.page.pageSize = 1_000
          }, metadata: .bearer(token))
        guard !page.approvals.isEmpty else { return 0 }
        let answer = try await connection.approvals.decideMany(
          .with {
            $0.tenant = tenantID
            $0.ids = page.approvals.map(\.id)
            $0.verdict = .approve
            $0.justification = "Known to Fabrikam"
          }, metadata: .bearer(token))
        return answer.results.count { !$0.hasRefusal }
      }
      bar.advance(to: decided)
    }
    bar.finish()
  }

  private func delivered(_ package: UUID, _ title: String, after earlier: Int) async throws {
    var bar = ProgressBar(title, of: crowd.count)
    try await inspection.wait(
      for: crowd.count, within: Self.limit, what: title, progress: { bar.advance(to: $0) }
    ) {
      try await inspection.requests(package, in: "delivered") - earlier
    }
    bar.finish()
  }

  private func expired(_ package: UUID, _ title: String, after earlier: Int) async throws {
    var bar = ProgressBar(title, of: crowd.count)
    try await inspection.wait(
      for: crowd.count, within: Self.limit, what: title, progress: { bar.advance(to: $0) }
    ) {
      try await inspection.assignments(package, in: "expired") - earlier
    }
    bar.finish()
  }

  /// Everybody gives Project Phoenix back, before its time is up.
  private func giveBack() async throws {
    var bar = ProgressBar("give Project Phoenix back", of: crowd.count)
    let (tenantID, tokens, phoenix) = (
      tenant.id.uuidString.lowercased(), crowd.tokens, phoenix.uuidString.lowercased()
    )
    try await calling(.requestIntake) { calls in
      try await calls(tokens.count) { number, connection in
        let own = try await connection.requests.list(
          .with {
            $0.tenant = tenantID
            $0.accessPackage = phoenix
          }, metadata: .bearer(tokens[number]))
        guard let assignment = own.requests.first?.assignment else { return }
        _ = try await connection.requests.remove(
          .with {
            $0.tenant = tenantID
            $0.assignment = assignment
          }, metadata: .bearer(tokens[number]))
      }
    }
    bar.advance(to: crowd.count)
    bar.finish()
    try await expired(self.phoenix, "Project Phoenix: access removed", after: before.phoenixEnded)
  }

  private func blocked() async throws {
    var bar = ProgressBar("guests blocked, deletion scheduled", of: crowd.count)
    try await inspection.wait(
      for: crowd.count, within: Self.limit, what: "blocked guests", progress: { bar.advance(to: $0) }
    ) { try await inspection.blockedGuests() - before.guestsBlocked }
    bar.finish()
  }

  private func calling(
    _ service: ServiceName, _ body: @Sendable (ParallelCalls) async throws -> Void
  ) async throws {
    try await withServiceConnections(system.copies(of: service)[0].grpcURL, count: 8) { connections in
      try await body(ParallelCalls(connections: connections, inFlight: 64))
    }
  }
}
