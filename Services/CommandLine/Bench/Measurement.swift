import EntitlementModel
import Foundation
import Identity
import LocalSystem
import Messaging

/// A whole run of the benchmark on a running, empty system.
struct Measurement {
  let system: LocalSystem
  let users: Int
  let policies: Int

  func run(rounds: Int, growth: Bool) async throws -> BenchReport {
    let (tenant, inspection) = (SampleTenant(), Inspection(url: system.databaseURL))
    try await tenant.apply(try SampleTenant.file("benchmark.yaml"), to: system)
    let workload = Workload(
      system: system, tenant: tenant, inspection: inspection,
      administratorToken: try system.issuer.mint(
        issuerName: SampleTenant.name, subject: "administrator", email: "administrator@contoso.example",
        roles: ["administrator"], lifetime: 12 * 3_600),
      sponsorToken: try system.issuer.mint(
        issuerName: "fabrikam", subject: "ada", email: "ada@fabrikam.example", lifetime: 12 * 3_600))
    let run = UUID().uuidString.prefix(6).lowercased()
    var report = BenchReport(users: users)
    let floor = try Floor(system)
    _ = try await floor.run(min(users, 2_000))
    _ = try await workload.journeys(try await workload.people(min(users, 500), name: "\(run)-warm").crowd)
    var usage = CPUUse(system)
    for round in 1...rounds {
      report.rounds.append(try await self.round("\(run)-\(round)", workload, floor, &usage))
      Terminal.note("round \(round) of \(rounds): \(report.rounds[round - 1])\n")
    }
    report.cpu = usage.perJourney
    let single = try await workload.people(min(500, 10 * users), name: "\(run)-latency").crowd
    report.latencies = try await workload.latencies(single)
    if growth { report.growth = try await Growth(workload: workload, users: users, run: String(run)).ratio() }
    report.manyPolicies = try await ManyPolicies(
      workload: workload, users: users, policies: policies, run: String(run)
    ).ratio()
    report.memory = await usage.memory()
    await inspection.close()
    return report
  }

  private func round(
    _ name: String, _ workload: Workload, _ floor: Floor, _ usage: inout CPUUse
  ) async throws -> BenchReport.Round {
    var round = BenchReport.Round()
    let people = try await workload.people(users, name: "\(name)-journey").crowd
    let bulk = try await workload.people(users, name: "\(name)-bulk").subjects
    let approved = try await workload.people(users, name: "\(name)-approved").crowd
    let expiring = try await workload.people(users, name: "\(name)-expiry").crowd
    round.floor = try await floor.run(users)
    round.call = try await workload.calls(users)
    await usage.start()
    round.journey = try await workload.journeys(people)
    await usage.stop(journeys: users)
    round.bulk = try await workload.bulkJourneys(bulk)
    round.approved = try await workload.approvedJourneys(approved)
    let lead = max(5, 3 * Double(users) / max(1, round.journey))
    round.expiry = try await workload.expiry(expiring, leading: .seconds(lead))
    return round
  }
}

/// What each of the system's processes spends of CPU in the measured phases.
struct CPUUse {
  private let system: LocalSystem
  private var before: [String: Duration] = [:]
  private var spent: [String: Duration] = [:]
  private var journeys = 0

  init(_ system: LocalSystem) {
    self.system = system
  }

  mutating func start() async { before = await times() }

  mutating func stop(journeys count: Int) async {
    for (name, time) in await times() { spent[name, default: .zero] += time - (before[name] ?? .zero) }
    journeys += count
  }

  var perJourney: [(name: String, microseconds: Double)] {
    spent.sorted { $0.key < $1.key }.map { ($0.key, $0.value / .microseconds(1) / Double(max(1, journeys))) }
  }

  func memory() async -> [(name: String, mebibytes: Double)] {
    await system.processes().compactMap { process in
      ProcessUsage(pid: process.pid).map { (process.name, Double($0.peakResidentBytes) / 1_048_576) }
    }.sorted { $0.0 < $1.0 }
  }

  /// Of each process, with the children that it has now: a server's backends.
  private func times() async -> [String: Duration] {
    var found: [String: Duration] = [:]
    for process in await system.processes() {
      let children = ProcessUsage.children(of: process.pid).reduce(.zero) { $0 + $1.cpuTime }
      if let own = ProcessUsage(pid: process.pid) { found[process.name] = own.cpuTime + children }
    }
    return found
  }
}
