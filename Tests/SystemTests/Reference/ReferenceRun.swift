import Contracts
import Foundation
import LocalSystem
import Protocols
import SwiftProtobuf
import Testing
import TestSupport

/// One tenant's story: turns, told to the services and to the dossiers, and what both say afterwards.
struct ReferenceRun: Sendable {
  private let running: RunningSystem
  private let echo: Echo
  private let world: ReferenceWorld
  private let scribe: Scribe
  private let rest: Rest
  private let seed: UInt64
  private var script: Script
  private var bylaws: Bylaws
  private var dossiers: [String: [Dossier]]
  private var hindered: [String: String] = [:]
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
    script = Script(seed: random.next(), world)
    dossiers = Dictionary(uniqueKeysWithValues: world.crowd.map { ($0.name, [Dossier()]) })
    try await world.create(bylaws, at: scribe.intake[0])
    for resident in world.residents {
      let wish = Wish(package: "assigned", isByAdministrator: true)
      _ = try await scribe.perform(.submit(wish), of: resident)
    }
    try await agree()
  }

  /// - Parameter operations: how many there are to be at least.
  mutating func play(_ operations: Int, disasters: Bool) async throws {
    var round = 0
    while done < operations {
      round += 1
      if round.isMultiple(of: 3) { try await amend() }
      try await playRound(
        isDisastrous: disasters && round.isMultiple(of: 4),
        withShortClocks: Double(done) < 0.6 * Double(operations))
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

  private mutating func playRound(isDisastrous: Bool, withShortClocks: Bool) async throws {
    // For the guard of many people's access an hour goes by.
    _ = try await running.rows("DELETE FROM intake.mass_change WHERE tenant = '\(world.tenant)'")
    let turns = turns(isDisastrous, withShortClocks)
    var random = SeededRandom(script.random.next())
    let victim = Int.random(in: running.system.services.indices, using: &random)
    let pause = Int.random(in: 50...600, using: &random)
    async let echoes: Void = repeatSome(150, random)
    async let disaster: Void = isDisastrous ? strike(victim, after: pause) : ()
    let (scribe, world) = (scribe, world)
    let answered = try await concurrently(turns.count, atMost: 48) { number in
      try await Self.perform(turns[number], scribe, world)
    }
    _ = try await (echoes, disaster)
    for (turn, answers) in zip(turns, answered) { try write(turn, answers) }
    done += turns.map(\.operations.count).reduce(0, +)
  }

  private func repeatSome(_ count: Int, _ seeded: SeededRandom) async throws {
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

  /// A service dies, and is started again.
  private func strike(_ victim: Int, after milliseconds: Int) async throws {
    let service = running.system.services[victim]
    try await Task.sleep(for: .milliseconds(milliseconds))
    await service.kill()
    try await service.start()
    try await service.waitUntilReady()
  }

  // MARK: - What is true now

  private func circumstances(_ citizen: Citizen, at now: Date) -> Circumstances {
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
  private mutating func agree() async throws {
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

  private mutating func note(_ lines: [String], of citizen: String) {
    journal[citizen, default: []] += lines.map { "\(done): \($0)" }
  }

  // MARK: - Between the rounds

  private mutating func amend() async throws {
    for _ in 0..<3 {
      switch script.amendment(bylaws) {
      case .bylaws(let next): try await adopt(next)
      case .bar(let person, let isBarred): try await bar(person, isBarred)
      case .leave(let person): try await leave(person)
      case .delegate(let approver, let delegate): try await name(delegate, for: approver)
      }
    }
    try await agree()
  }

  private mutating func adopt(_ next: Bylaws) async throws {
    let before = bylaws
    try await world.change(before, to: next, at: scribe.intake[0])
    bylaws = next
    guard before.idleGuests != next.idleGuests else { return }
    for citizen in world.crowd {
      let c = circumstances(citizen, at: Date())
      update(citizen.name) { $0.lifecycleChanged(c) }
      note(["idle guests: \(next.idleGuests)"], of: citizen.name)
    }
  }

  private mutating func bar(_ person: String, _ isBarred: Bool) async throws {
    guard hindered[person] != "subjectLeft" else { return }
    let subject = world.subject(world.citizen(person), isBarred: isBarred)
    let (client, token) = (scribe.intake[0], world.administrator.token)
    try await world.confirming(at: client) {
      _ = try await client.subjects.put(
        .with { $0.subject = subject }, metadata: .bearer(token), options: TestClient.options)
    }
    hindered[person] = isBarred ? "subjectBarred" : nil
    update(person) { $0.isBarred = isBarred }
    note([isBarred ? "barred" : "not barred"], of: person)
  }

  private mutating func leave(_ person: String) async throws {
    guard hindered[person] == nil, done > 500 else { return }
    let (client, token) = (scribe.intake[0], world.administrator.token)
    let (tenant, id) = (world.tenant, world.citizen(person).id)
    try await world.confirming(at: client) {
      _ = try await client.subjects.end(
        .with { ($0.tenant, $0.id, $0.reason) = (tenant, id, "Has left") }, metadata: .bearer(token),
        options: TestClient.options)
    }
    hindered[person] = "subjectLeft"
    let c = circumstances(world.citizen(person), at: Date())
    update(person) { $0.left(c) }
    note(["has left"], of: person)
  }

  private mutating func update(_ person: String, _ change: (inout Dossier) -> Void) {
    dossiers[person] = dossiers[person]?.map { before in
      var dossier = before
      change(&dossier)
      return dossier
    }
  }

  private mutating func name(_ delegate: String?, for approver: String) async throws {
    guard hindered[approver] == nil else { return }
    let (client, token, tenant) = (scribe.approval[0], world.citizen(approver).token, world.tenant)
    let id = delegate.map { world.citizen($0).id } ?? ""
    try await persistently {
      _ = try await client.approvals.setDelegation(
        .with { ($0.tenant, $0.delegate) = (tenant, id) }, metadata: .bearer(token),
        options: TestClient.options)
    }
    bylaws.delegates[approver] = delegate
  }
}
