import Contracts
import Foundation
import LocalSystem
import Messaging
import Protocols
import SwiftProtobuf
import Testing
import TestSupport

/// One tenant's story: turns, told to the services and to the dossiers, and what both say afterwards.
struct ReferenceRun: Sendable {
  let running: RunningSystem
  private let echo: Echo
  let world: ReferenceWorld
  let scribe: Scribe
  let directory: TestClient
  private let rest: Rest
  private let seed: UInt64
  var script: Script
  var bylaws: Bylaws
  var dossiers: [String: [Dossier]]
  var hindered: [String: String] = [:]
  private var journal: [String: [String]] = [:]
  private(set) var done = 0

  struct Difference: Error, CustomStringConvertible { let description: String }

  init(_ running: RunningSystem, _ echo: Echo, _ rest: Rest, seed: UInt64, people: Int) async throws {
    (self.running, self.echo, self.rest, self.seed) = (running, echo, rest, seed)
    var random = SeededRandom(seed)
    let lifecycle = Bylaws.IdleGuests.allCases.randomElement(using: &random) ?? .blocked
    bylaws = Bylaws.first(lifecycle, at: Date())
    world = try await ReferenceWorld("reference-\(seed)", people: people, issuer: running.system.issuer)
    scribe = Scribe(
      tenant: world.tenant, world: world, intake: running.desk.intake, approval: running.desk.approval)
    directory = try TestClient(running.system.copies(of: .provisioning)[0])
    script = Script(seed: random.next(), world)
    dossiers = Dictionary(uniqueKeysWithValues: world.crowd.map { ($0.name, [Dossier()]) })
    try await world.create(bylaws, at: scribe.intake[0])
    for resident in world.residents {
      let wish = Wish(package: "assigned", isByAdministrator: true)
      _ = try await scribe.perform(.submit(wish), of: resident)
    }
    try await agree()
    for person in ["grace", "dan"] { try await toggle(person, in: "elders") }
    for number in 0..<8 { try await toggle("p\(6 + 21 * number)", in: "makers") }
    try await agree()
  }

  /// - Parameter operations: how many there are to be at least.
  mutating func play(_ operations: Int, disasters: Bool) async throws {
    var round = 0
    while done < operations {
      round += 1
      if round.isMultiple(of: 3) { try await amend() }
      try await playRound(
        disasters ? disaster(of: round) : nil, withShortClocks: Double(done) < 0.6 * Double(operations))
      try await agree()
    }
  }

  /// Waits until nothing is left that ends within minutes, and compares once more.
  mutating func finish() async throws {
    let soon = Date().addingTimeInterval(120)
    let last = dossiers.values.joined().compactMap(\.nextEnd).filter { $0 < soon }.max() ?? .distantPast
    try await rest.until(last.addingTimeInterval(0.1))
    try await agree()
  }

  // MARK: - A round

  /// Every fourth round a service dies, and now and then the broker or the database is away.
  private mutating func disaster(of round: Int) -> Disaster? {
    guard round.isMultiple(of: 4) else { return nil }
    return switch round {
    case 12: .restartBroker
    case 20: .restartDatabase
    default: .kill(Int.random(in: running.system.services.indices, using: &script.random))
    }
  }

  private mutating func playRound(_ disaster: Disaster?, withShortClocks: Bool) async throws {
    let turns = turns(disaster != nil, withShortClocks)
    var random = SeededRandom(script.random.next())
    let pause = Int.random(in: 50...600, using: &random)
    // While the broker is away nobody can bring messages again.
    async let echoes: Void = repeatSome(disaster?.isOfServers == true ? 0 : 150, random)
    async let struck: Void = strike(disaster, after: pause)
    let (scribe, world, running) = (scribe, world, running)
    let answered = try await concurrently(turns.count, atMost: 48) { number in
      // For the guard of many people's access an hour goes by.
      if number.isMultiple(of: 40) { try await Self.letAnHourPass(running, world) }
      return try await Self.perform(turns[number], scribe, world)
    }
    _ = try await (echoes, struck)
    for (turn, answers) in zip(turns, answered) { try write(turn, answers) }
    done += turns.map(\.operations.count).reduce(0, +)
  }

  private static func letAnHourPass(_ running: RunningSystem, _ world: ReferenceWorld) async throws {
    try await eventually(within: .seconds(60), "the database answers") {
      let sql = "DELETE FROM intake.mass_change WHERE tenant = '\(world.tenant)'"
      return (try? await running.rows(sql)) != nil
    }
  }

  private func repeatSome(_ count: Int, _ seeded: SeededRandom) async throws {
    guard count > 0 else { return }
    var random = seeded
    try await echo.repeatSome(count, &random)
  }

  private mutating func turns(_ keyed: Bool, _ withShortClocks: Bool) -> [Turn] {
    world.crowd.compactMap { citizen in
      guard Int.random(in: 0..<10, using: &script.random) < 8, let dossier = dossiers[citizen.name]?.first
      else {
        return nil
      }
      return script.turn(of: citizen, dossier, bylaws, keyed: keyed, withShortClocks: withShortClocks)
    }
  }

  private static func perform(_ turn: Turn, _ scribe: Scribe, _ world: ReferenceWorld) async throws
    -> [Answered]
  {
    let citizen = world.citizen(turn.citizen)
    guard !turn.isAtOnce else {
      return try await concurrently(turn.operations.count) { number in
        try await scribe.perform(turn.operations[number], of: citizen)
      }
    }
    var answers: [Answered] = []
    for operation in turn.operations { answers.append(try await scribe.perform(operation, of: citizen)) }
    return answers
  }

  /// What was struck comes back.
  private func strike(_ disaster: Disaster?, after milliseconds: Int) async throws {
    guard let disaster else { return }
    try await Task.sleep(for: .milliseconds(milliseconds))
    try await running.strike(disaster)
    try await running.becomesReady()
    guard disaster.isOfServers else { return }
    try await rest.reconnect()
    try await echo.reconnect()
  }

  // MARK: - What is true now

  func circumstances(_ citizen: Citizen, at now: Date) -> Circumstances {
    Circumstances(bylaws: bylaws, citizen: citizen, hindered: hindered, now: now)
  }

  /// Continues a person's dossiers with what was answered; there must be one that allows it.
  private mutating func write(_ turn: Turn, _ answers: [Answered]) throws {
    let citizen = world.citizen(turn.citizen)
    let before = dossiers[turn.citizen] ?? []
    let orders = turn.isAtOnce ? Self.orders(answers) : [answers]
    let after = orders.flatMap { order in
      order.reduce(before) { dossiers, answer in
        dossiers.flatMap { answer.dossiers(after: $0, circumstances(citizen, at: answer.calledAt)) }
      }
    }
    note(answers.map { "\(turn.isAtOnce ? "at once: " : "")\($0.operation) → \($0.reply)" }, of: turn.citizen)
    guard after.isEmpty else {
      dossiers[turn.citizen] = after
      return
    }
    let expected = answers.map { answer in
      before.flatMap {
        answer.operation.possibilities($0, answer.reply, circumstances(citizen, at: answer.calledAt))
      }
      .map { "\($0.expected)" }
    }
    throw difference(turn.citizen, ["expected one of \(expected)"])
  }

  private static func orders(_ answers: [Answered]) -> [[Answered]] {
    guard answers.count > 1 else { return [answers] }
    return answers.indices.flatMap { first in
      var rest = answers
      let chosen = rest.remove(at: first)
      return orders(rest).map { [chosen] + $0 }
    }
  }

  /// What is stored is what the dossiers say. What is still on its way is waited for.
  mutating func agree() async throws {
    var lastProblem: Difference?
    for _ in 0..<20 {
      let seen = try await rest.observe(world.tenant)
      do throws(Difference) {
        return try compare(seen)
      } catch {
        lastProblem = error
      }
      try await Task.sleep(for: .milliseconds(500))
    }
    if let lastProblem { throw lastProblem }
  }

  private mutating func compare(_ seen: Observed) throws(Difference) {
    var next = dossiers
    for citizen in world.crowd {
      let person = seen.people[citizen.id] ?? Observed.Person()
      let outcomes = (dossiers[citizen.name] ?? []).map {
        $0.compared(with: person, world, circumstances(citizen, at: seen.at))
      }
      guard let agreed = outcomes.compactMap({ try? $0.get() }).first else {
        let differences = outcomes.map { outcome -> [String] in
          if case .failure(let differences) = outcome { return differences.found }
          return []
        }
        throw difference(citizen.name, differences.min { $0.count < $1.count } ?? [])
      }
      next[citizen.name] = [agreed]
    }
    dossiers = next
    if let difference = proposalDifference(seen) { throw difference }
  }

  /// The organization that nobody configured is known once one of its people has asked where everybody may.
  private func proposalDifference(_ seen: Observed) -> Difference? {
    let strangers = world.crowd.filter { $0.organization == Bylaws.stranger }
    let hasAsked = strangers.contains { citizen in
      dossiers[citizen.name]?.first?.requests.values.contains {
        $0.kind == "userAdd" && $0.policy == "chosen-outside"
      } ?? false
    }
    let expected =
      bylaws.organizations[Bylaws.stranger] != nil ? ["configured"] : hasAsked ? ["proposed"] : []
    return seen.proposals == expected
      ? nil
      : Difference(
        description: "seed \(seed): proposed organizations \(seen.proposals), expected \(expected)")
  }

  private func difference(_ citizen: String, _ differences: [String]) -> Difference {
    let excerpt = (journal[citizen] ?? []).suffix(12).joined(separator: "\n  ")
    return Difference(
      description: """
        seed \(seed), after \(done) operations, \(citizen) (\(world.citizen(citizen).id)) of \(world.name):
          \(differences.joined(separator: "\n  "))
        what was done (idle guests: \(bylaws.idleGuests), denied: \(bylaws.deniedDomains.sorted())):
          \(excerpt)
        """)
  }

  mutating func note(_ lines: [String], of citizen: String) {
    journal[citizen, default: []] += lines.map { "\(done): \($0)" }
  }
}
