import EntitlementModel
import Foundation
import GRPCCore
import Identity
import LocalSystem
import Messaging
import Postgres
import Protocols
import SwiftProtobuf

/// The journeys that are measured, each from the first call to what the databases say at its end.
struct Workload {
  let system: LocalSystem
  let tenant: SampleTenant
  let inspection: Inspection
  let administratorToken: String
  let sponsorToken: String

  private static let limit = Duration.seconds(600)
  private static let subjectName = "person"
  private var tenantID: String { tenant.id.uuidString.lowercased() }

  /// People with tokens whom the tenant knows already, as after an import.
  func people(_ count: Int, name: String) async throws -> (crowd: Crowd, subjects: [String]) {
    let issuer = system.issuer.issuer("fabrikam")
    let crowd = try await Crowd(count, name: name, of: "fabrikam", issuer: system.issuer)
    let names = ObjectNames(tenant: tenant.id)
    let subjects = (0..<count).map { names.id("subject", "\(name)-\($0)") }
    let (tenantID, token) = (tenantID, administratorToken)
    try await withServiceConnection(system.copies(of: .requestIntake)[0].grpcURL) { connection in
      let answer = try await connection.subjects.putMany(metadata: .bearer(token)) { writer in
        for number in 0..<count {
          try await writer.write(
            .with {
              $0.subject.id = subjects[number]
              $0.subject.tenant = tenantID
              $0.subject.name = "\(name)-\(number)"
              $0.subject.email = "\(name)-\(number)@fabrikam.example"
              $0.subject.displayName = "\(name) \(number)"
              $0.subject.identities = [
                .with {
                  $0.issuer = issuer
                  $0.subject = "\(name)-\(number)"
                }
              ]
            })
        }
      }
      guard answer.saved == count else {
        throw Failure.unfinished("import of people: \(answer.saved) of \(count)")
      }
    }
    return (crowd, subjects)
  }

  /// Calls that are answered from memory, as many at a time as journeys have.
  func calls(_ count: Int) async throws -> Double {
    let (url, token) = (system.copies(of: .requestIntake)[0].grpcURL, sponsorToken)
    let start = ContinuousClock.now
    try await withServiceConnections(url, count: 8) { connections in
      try await ParallelCalls(connections: connections, inFlight: 64)(count) { _, connection in
        _ = try await connection.principals.resolve(.with { $0.token = token }, metadata: .bearer(token))
      }
    }
    return Double(count) / (start.duration(to: .now) / .seconds(1))
  }

  /// One call a person, automatic approval, to delivered with expiry scheduled and the request told so.
  func journeys(_ crowd: Crowd, package: String = "automatic", end: Date? = nil) async throws -> Double {
    let goal = try await Goal(self, package, adding: crowd.count, type: "userAdd")
    let start = ContinuousClock.now
    try await submit(crowd, package, end)
    try await goal.reach()
    return Double(crowd.count) / (start.duration(to: .now) / .seconds(1))
  }

  /// One call a person: seconds until all are answered. What follows from them is waited for afterwards.
  func submissions(_ crowd: Crowd) async throws -> Double {
    let goal = try await Goal(self, "automatic", adding: crowd.count, type: "userAdd")
    let start = ContinuousClock.now
    try await submit(crowd, "automatic", nil)
    let elapsed = start.duration(to: .now) / .seconds(1)
    try await goal.reach()
    return elapsed
  }

  /// Adds to the tenant's configuration.
  func configure(_ objects: [Vestibule_Model_V1_ConfigurationObject]) async throws {
    let token = administratorToken
    try await withServiceConnection(system.copies(of: .requestIntake)[0].grpcURL) { connection in
      for object in objects {
        _ = try await connection.configuration.put(.with { $0.object = object }, metadata: .bearer(token))
      }
    }
  }

  /// The same through one stream.
  func bulkJourneys(_ subjects: [String]) async throws -> Double {
    let goal = try await Goal(self, "automatic", adding: subjects.count, type: "adminAdd")
    let (tenantID, package, token) = (tenantID, id("automatic"), administratorToken)
    let start = ContinuousClock.now
    let refused = try await withServiceConnection(system.copies(of: .requestIntake)[0].grpcURL) {
      connection in
      let answer = try await connection.requests.submitMany(metadata: .bearer(token)) { writer in
        for subject in subjects {
          try await writer.write(
            .with {
              $0.tenant = tenantID
              $0.accessPackage = package
              $0.targetSubject = subject
              $0.justification = "Working with Contoso"
            })
        }
      }
      return answer.results.count { if case .request = $0.result { false } else { true } }
    }
    guard refused == 0 else { throw Failure.unfinished("bulk submission: \(refused) refused") }
    try await goal.reach()
    return Double(subjects.count) / (start.duration(to: .now) / .seconds(1))
  }

  /// One call a person, and one call of the sponsor for each request.
  func approvedJourneys(_ crowd: Crowd) async throws -> Double {
    let goal = try await Goal(self, "approved", adding: crowd.count, type: "userAdd")
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await submit(crowd, "approved", nil) }
      group.addTask { try await decide(crowd.count) }
      try await group.waitForAll()
    }
    try await goal.reach()
    return Double(crowd.count) / (start.duration(to: .now) / .seconds(1))
  }

  /// The sponsor looks at what waits, page by page, and decides each by itself.
  private func decide(_ count: Int) async throws {
    let (tenantID, token) = (tenantID, sponsorToken)
    try await withServiceConnections(system.copies(of: .approval)[0].grpcURL, count: 8) { connections in
      let calls = ParallelCalls(connections: connections, inFlight: 64)
      var decided = 0
      while decided < count {
        var ids: [String] = []
        try await inspection.wait(for: 1, within: Self.limit, what: "approvals", every: .milliseconds(20)) {
          ids = try await pending(connections[0])
          return ids.count
        }
        let page = ids
        try await calls(page.count) { number, connection in
          _ = try await connection.approvals.decide(
            .with {
              $0.tenant = tenantID
              $0.id = page[number]
              $0.verdict = .approve
            }, metadata: .bearer(token))
        }
        decided += page.count
      }
    }
  }

  private func pending(_ connection: ServiceConnection) async throws -> [String] {
    try await connection.approvals.listPending(
      .with {
        $0.tenant = tenantID
        $0.page.pageSize = 1_000
      }, metadata: .bearer(sponsorToken)
    ).approvals.map(\.id)
  }

  /// Everybody's access ends in the same second: from then to access removed and guests blocked.
  func expiry(_ crowd: Crowd, leading lead: Duration) async throws -> Double {
    let blockedBefore = try await inspection.blockedGuests()
    let end = Date().addingTimeInterval(lead / .seconds(1))
    _ = try await journeys(crowd, end: Date(timeIntervalSince1970: end.timeIntervalSince1970.rounded()))
    let due = Date(timeIntervalSince1970: end.timeIntervalSince1970.rounded())
    guard due.timeIntervalSinceNow > 0 else { throw Failure.unfinished("the lead to expiry was too short") }
    try await Task.sleep(for: .seconds(due.timeIntervalSinceNow))
    try await inspection.wait(for: crowd.count, within: Self.limit, what: "expiry") {
      try await inspection.blockedGuests() - blockedBefore
    }
    return Double(crowd.count) / Date().timeIntervalSince(due)
  }

  /// One at a time: milliseconds from the call to delivered.
  func latencies(_ crowd: Crowd) async throws -> [Double] {
    let (tenantID, package) = (tenantID, id("automatic"))
    return try await withServiceConnection(system.copies(of: .requestIntake)[0].grpcURL) { connection in
      var found: [Double] = []
      for token in crowd.tokens {
        let start = ContinuousClock.now
        let request = try await connection.requests.submit(
          .with {
            $0.tenant = tenantID
            $0.accessPackage = package
          }, metadata: .bearer(token))
        guard let id = UUID(uuidString: request.id) else { continue }
        try await inspection.wait(for: 1, within: .seconds(10), what: "one journey", every: .milliseconds(1))
        {
          try await inspection.count(
            "SELECT count(*) FROM intake.request WHERE id = \(id) AND state = 'delivered'")
        }
        found.append(start.duration(to: .now) / .milliseconds(1))
      }
      return found
    }
  }

  private func submit(_ crowd: Crowd, _ package: String, _ end: Date?) async throws {
    let (tenantID, package) = (tenantID, id(package))
    try await withServiceConnections(system.copies(of: .requestIntake)[0].grpcURL, count: 8) { connections in
      try await ParallelCalls(connections: connections, inFlight: 64)(crowd.count) { number, connection in
        _ = try await connection.requests.submit(
          .with {
            $0.tenant = tenantID
            $0.accessPackage = package
            $0.justification = "Working with Contoso"
            if let end { $0.schedule.endDateTime = .init(date: end) }
          }, metadata: .bearer(crowd.tokens[number]))
      }
    }
  }

  private func id(_ package: String) -> String { tenant.package(package).uuidString.lowercased() }

  /// What the databases must say at the end of so many journeys more.
  private struct Goal {
    let workload: Workload
    let package: UUID
    let type: String
    let delivered: Int
    let armed: Int
    let count: Int

    init(_ workload: Workload, _ package: String, adding count: Int, type: String) async throws {
      (self.workload, self.type, self.count) = (workload, type, count)
      self.package = workload.tenant.package(package)
      delivered = try await workload.inspection.requests(self.package, in: "delivered", type: type)
      armed = try await workload.inspection.armedDeadlines()
    }

    func reach() async throws {
      try await workload.inspection.wait(for: count, within: Workload.limit, what: "journeys") {
        let delivered =
          try await workload.inspection.requests(package, in: "delivered", type: type) - delivered
        guard delivered >= count else { return delivered }
        return min(delivered, try await workload.inspection.armedDeadlines() - armed)
      }
    }
  }
}
