import Foundation

/// What somebody asks for.
struct Wish: Sendable {
  let package: String
  var policy: String?
  var key = ""
  var why = ""
  var start: Date?
  var end: Date?
  var isByAdministrator = false
  /// The version of the terms that comes with it.
  var accepts: Int?

  var body: String {
    "\(package) \(policy ?? "") \(why) \(start?.description ?? "") \(end?.description ?? "") \(accepts ?? 0)"
  }
}

extension Dossier {
  /// - Parameter reply: says the id of what was made.
  func submitted(_ wish: Wish, _ reply: Reply, _ c: Circumstances) -> [Possibility] {
    if !wish.key.isEmpty, let spent = keys[wish.key] {
      let isSame = spent.body == wish.body
      return [
        Possibility(expected: isSame ? .same(spent.request) : .refused(["idempotencyConflict"]), after: self)
      ]
    }
    let isGoing = holdings.first { $1.state == "expired" && $1.package == wish.package && fresh.contains($0) }
    guard let (going, _) = isGoing else { return judged(wish, reply, c) }
    // Its removal may still be on its way.
    var still = self
    still.holdings[going]?.state = "delivered"
    let (_, reasons) = still.eligibility(wish, c, hasPlace: still.hasPlace)
    return judged(wish, reply, c) + [Possibility(expected: .refused(reasons), after: self)]
  }

  private func judged(_ wish: Wish, _ reply: Reply, _ c: Circumstances) -> [Possibility] {
    var asked = self
    // An administrator's word replaces what waits.
    if wish.isByAdministrator, let standing = standing(wish.package), requests[standing]?.isWaiting == true {
      asked.cancel(standing)
    }
    // What is replaced leaves its place in the organization to what comes.
    let (name, reasons) = asked.eligibility(wish, c, hasPlace: hasPlace)
    guard let name, let policy = c.bylaws.policies[name], reasons.isEmpty else {
      return [Possibility(expected: .refused(reasons), after: self)]
    }
    if let faults = faults(of: wish, policy, c) {
      return [Possibility(expected: .refused(faults), after: self)]
    }
    let (id, createdAt) = reply.named(or: c.now)
    asked.make(wish, id, createdAt, name, policy, c)
    if !wish.isByAdministrator { asked.accept(wish.accepts, policy, c) }
    if !wish.key.isEmpty { asked.keys[wish.key] = Spent(body: wish.body, request: id) }
    return [Possibility(expected: .new, after: asked)]
  }

  private mutating func make(
    _ wish: Wish, _ id: String, _ createdAt: Date, _ name: String, _ policy: Bylaws.Policy, _ c: Circumstances
  ) {
    var term = Term(seconds: policy.seconds, latest: policy.until)
    if let end = wish.end { term = Term(latest: end) }
    term = term.capped(at: exemptionEnd(wish.package, c))
    requests[id] = Entry(
      kind: wish.isByAdministrator ? "adminAdd" : "userAdd", state: "pendingApproval",
      status: "PendingApproval",
      package: wish.package, policy: name, assignment: id,
      start: wish.start.flatMap { $0 > createdAt ? $0 : nil }, term: term)
    fresh.insert(id)
    if !wish.isByAdministrator, policy.addNeedsApproval {
      open(id, name, policy, createdAt)
    } else {
      grant(id, c)
    }
  }

  mutating func open(_ id: String, _ name: String, _ policy: Bylaws.Policy, _ createdAt: Date) {
    let clock = policy.stages[0].seconds
    votes[id] = Vote(
      policy: name, needed: policy.stages.map(\.needed), expires: clock < 3_600 ? createdAt + clock : nil,
      decisions: policy.stages.map { _ in [] })
  }

  // MARK: - Who may ask

  /// Whether the person is counted among the guests of their organization.
  private var hasPlace: Bool { requests.contains { $1.isAdd && isStanding($0, $1) } }

  /// The policy that counts, and every check that fails.
  private func eligibility(
    _ wish: Wish, _ c: Circumstances, hasPlace: Bool
  ) -> (String?, Set<String>) {
    var (policy, reasons) = choose(wish, c)
    reasons.formUnion(personal(c))
    reasons.formUnion(local(wish.package, c))
    let organization = c.citizen.organization.flatMap { c.bylaws.organizations[$0] }
    if let organization, let limit = organization.guestLimit, limit <= 1, !organization.isEnded, !hasPlace {
      reasons.insert("organizationFull")
    }
    if let standing = standing(wish.package) { reasons.insert("openRequestExists \(standing)") }
    reasons.formUnion(separation(wish.package, c))
    if !reasons.isEmpty { policy = nil }
    return (policy, reasons)
  }

  func personal(_ c: Circumstances) -> Set<String> {
    var reasons: Set<String> = []
    if hasLeft { reasons.insert("subjectLeft") }
    if c.citizen.organization.flatMap({ c.bylaws.organizations[$0] })?.isEnded == true {
      reasons.insert("organizationEnded")
    }
    if isBarred { reasons.insert("subjectBarred") }
    if !c.citizen.isMember, !c.bylaws.mayBeGuest(c.citizen.email, of: c.citizen.organization) {
      reasons.insert("domainDenied")
    }
    return reasons
  }

  func local(_ package: String, _ c: Circumstances) -> Set<String> {
    guard let catalog = c.bylaws.packages[package].flatMap({ c.bylaws.catalogs[$0.catalog] }) else {
      return ["notFound"]
    }
    var reasons: Set<String> = []
    if !catalog.isPublished { reasons.insert("catalogNotPublished") }
    if !c.citizen.isMember, !catalog.isOpenOutside { reasons.insert("catalogNotExternallyVisible") }
    return reasons
  }

  /// What is held or asked for and may not be beside the package.
  func separation(_ package: String, _ c: Circumstances) -> Set<String> {
    c.bylaws.excluded(by: package).reduce(into: []) { reasons, other in
      guard let standing = standing(other.key) else { return }
      if !other.value.contains(where: { $0.person == c.citizen.name && $0.end > c.now }) {
        reasons.insert("incompatibleAccess \(standing)")
      }
    }
  }

  /// Until when it may be held under exemptions.
  func exemptionEnd(_ package: String, _ c: Circumstances) -> Date? {
    c.bylaws.excluded(by: package).compactMap { other, exemptions in
      standing(other) == nil
        ? nil : exemptions.filter { $0.person == c.citizen.name && $0.end > c.now }.map(\.end).max()
    }.min()
  }

  private func choose(_ wish: Wish, _ c: Circumstances) -> (String?, Set<String>) {
    let all = c.bylaws.policies(of: wish.package)
    let open = all.filter { item in
      !item.policy.isDisabled && isMeant(by: item.policy, wish.isByAdministrator, c)
        && (item.policy.selfAdd || wish.isByAdministrator)
    }
    let strictest = open.map(\.policy.audience.strictness).min()
    let best = open.filter { $0.policy.audience.strictness == strictest }
    if let chosen = wish.policy {
      if (wish.isByAdministrator ? open : best).contains(where: { $0.name == chosen }) { return (chosen, []) }
      if open.contains(where: { $0.name == chosen }) { return (nil, ["policyOutranked"]) }
      let isDisabled = all.contains { $0.name == chosen && $0.policy.isDisabled }
      return (nil, [isDisabled ? "policyDisabled" : "policyNotMatched"])
    }
    if best.isEmpty { return (nil, ["policyNotMatched"]) }
    return best.count == 1 ? (best[0].name, []) : (nil, ["severalPoliciesMatch"])
  }

  func isMeant(by policy: Bylaws.Policy, _ isAdministrator: Bool, _ c: Circumstances) -> Bool {
    let person = c.citizen
    return switch policy.audience {
    case .nobody: isAdministrator
    case .people(let named): named.contains(person.name)
    case .group(let name): c.bylaws.groups[name]?.contains(person.name) ?? false
    case .organizations(let named): person.organization.map(named.contains) ?? false
    case .members: person.isMember
    case .directory:
      person.isMember
        || requests.contains { $1.isAdd && $1.state == "delivered" && holdings[$0]?.state == "delivered" }
    case .configuredOrganizations:
      person.organization.flatMap { c.bylaws.organizations[$0] }.map { !$0.isEnded } ?? false
    case .everybodyOutside: !person.isMember
    }
  }

  /// What is wrong with the wish itself, once it is known that the person may ask.
  private func faults(of wish: Wish, _ policy: Bylaws.Policy, _ c: Circumstances) -> Set<String>? {
    var faults: Set<String> = []
    if !wish.isByAdministrator, policy.asksWhy, wish.why.isEmpty { faults.insert("justificationRequired") }
    if !wish.isByAdministrator, !policy.choosesDays, wish.start != nil || wish.end != nil {
      faults.insert("scheduleNotAllowed")
    }
    if !wish.isByAdministrator, !hasAccepted(policy, wish.accepts, c) { faults.insert("termsNotAccepted") }
    if !faults.isEmpty { return faults }
    guard let end = wish.end else { return nil }
    let start = max(c.now, wish.start ?? c.now)
    if end <= c.now { return ["endPassed"] }
    if end <= start { return ["startAfterEnd"] }
    let most = [policy.seconds.map { start + $0 }, policy.until].compactMap(\.self).min()
    return most.map { end > $0 } == true ? ["outOfRange"] : nil
  }
}

extension Reply {
  func named(or now: Date) -> (id: String, createdAt: Date) {
    if case .request(let id, let createdAt) = self { return (id, createdAt) }
    return ("unknown", now)
  }
}
