import Foundation

extension Dossier {
  /// How the dossier must be continued to be what was seen, or every difference.
  func compared(
    with seen: Observed.Person, _ world: ReferenceWorld, _ c: Circumstances
  ) -> Result<Dossier, Differences> {
    var (next, differences) = (self, [String]())
    differences += next.name(seen)
    next.tick(c)
    differences += next.fixEnds(seen, at: c.now)
    next.tick(c)
    if next.hasJustPlannedStart, let presence = seen.presence.flatMap(Presence.init(rawValue:)) {
      // A start may have been planned before access ended, and heard of after it.
      if [next.guest, presence].allSatisfy({ [.active, .blocked, .absent].contains($0) }) {
        next.guest = presence
      }
    }
    differences += next.requestDifferences(seen, world) + next.holdingDifferences(seen)
    differences += next.voteDifferences(seen) + next.accessDifferences(seen, c)
    guard differences.isEmpty else { return .failure(Differences(found: differences)) }
    next.fresh = []
    next.undecided = [:]
    next.ungranted = [:]
    return .success(next)
  }

  struct Differences: Error { let found: [String] }

  /// Gives the requests their ids that nobody told us.
  private mutating func name(_ seen: Observed.Person) -> [String] {
    for (id, row) in seen.requests.sorted(by: { $0.key < $1.key }) where requests[id] == nil {
      guard let index = unnamed.firstIndex(where: { $0.kind == row.kind && $0.assignment == row.assignment })
      else {
        return ["unexpected request \(id): \(row)"]
      }
      requests[id] = unnamed.remove(at: index)
    }
    return unnamed.map { "missing request: \($0)" }
  }

  /// An end is checked once, and exact from then on.
  private mutating func fixEnds(_ seen: Observed.Person, at now: Date) -> [String] {
    var differences: [String] = []
    for (id, holding) in holdings where holding.failure.isEmpty {
      guard let row = seen.holdings[id] else { continue }
      if !holding.end.allows(row.end, at: now) {
        differences.append("assignment \(id) ends at \(String(describing: row.end)), expected \(holding.end)")
      }
      holdings[id]?.end = Ending(exact: row.end)
      holdings[id]?.delivered = row.delivered
    }
    return differences
  }

  private func requestDifferences(_ seen: Observed.Person, _ world: ReferenceWorld) -> [String] {
    let expected = requests.mapValues { entry in
      Observed.Request(
        kind: entry.kind, state: entry.state, status: entry.status,
        package: world.id("accessPackage", entry.package),
        policy: entry.policy.map { world.id("assignmentPolicy", $0) } ?? "", assignment: entry.assignment)
    }
    return Self.differences("request", expected, seen.requests)
  }

  private func holdingDifferences(_ seen: Observed.Person) -> [String] {
    let expected = holdings.mapValues { [$0.state, $0.reason, $0.failure] }
    let watched = Set(live.filter { holdings[$0]?.end.exact != nil })
    return Self.differences(
      "assignment", expected, seen.holdings.mapValues { [$0.state, $0.reason, $0.failure] })
      + (watched == seen.watched ? [] : ["ends watched: \(seen.watched), expected \(watched)"])
  }

  private func voteDifferences(_ seen: Observed.Person) -> [String] {
    let expected = votes.mapValues { vote in
      Observed.Vote(
        state: vote.state, stage: vote.stage, decisions: vote.decisions.joined().count,
        isRevoked: vote.isRevoked)
    }
    // Of what was canceled before it was seen to wait, approval knows that it is over.
    let known = seen.votes.filter { expected[$0.key] != nil || $0.value.state != "canceled" }
    return Self.differences("approval", expected, known)
  }

  private func accessDifferences(_ seen: Observed.Person, _ c: Circumstances) -> [String] {
    var differences: [String] = []
    func compare<Value: Equatable>(_ what: String, _ seen: Value, _ expected: Value) {
      if seen != expected { differences.append("\(what): \(seen), expected \(expected)") }
    }
    compare("guest", seen.presence ?? "unknown", guest.rawValue)
    compare("live assignments", seen.live, live.count)
    compare("accepted terms", seen.acceptedTerms, acceptedTerms)
    let roles = live.compactMap { holdings[$0].flatMap { c.bylaws.packages[$0.package]?.roles } }
      .reduce(into: Set<Bylaws.Role>()) { $0.formUnion($1) }
    compare("roles", seen.roles, roles)
    switch guest {
    case .unknown, .absent: compare("account", seen.isEnabled, nil)
    case .active: compare("account", seen.isEnabled, true)
    case .blocked: compare("account", seen.isEnabled, false)
    }
    return differences
  }

  private static func differences<Value: Equatable>(
    _ what: String, _ expected: [String: Value], _ seen: [String: Value]
  ) -> [String] {
    Set(expected.keys).union(seen.keys).sorted().filter { expected[$0] != seen[$0] }.map { id in
      let (expected, seen) = (expected[id].map { "\($0)" } ?? "none", seen[id].map { "\($0)" } ?? "none")
      return "\(what) \(id): \(seen), expected \(expected)"
    }
  }
}
