import Foundation

/// What somebody asks about access that there is.
struct Change: Sendable {
  let holding: String
  var key = ""
  var why = ""
  var isByAdministrator = false
  /// The version of the terms that comes with it.
  var accepts: Int?

  var body: String { "\(holding) \(why) \(accepts ?? 0)" }
}

extension Dossier {
  private func repeated(_ change: Change, _ operation: String) -> [Possibility]? {
    guard !change.key.isEmpty, let spent = keys["\(operation) \(change.key)"] else { return nil }
    let isSame = spent.body == change.body
    return [
      Possibility(expected: isSame ? .same(spent.request) : .refused(["idempotencyConflict"]), after: self)
    ]
  }

  private func refused(_ code: String...) -> Possibility {
    Possibility(expected: .refused(Set(code)), after: self)
  }

  // MARK: - More time

  func extended(_ change: Change, _ reply: Reply, _ c: Circumstances) -> [Possibility] {
    if let before = repeated(change, "extend") { return before }
    guard let origin = requests[change.holding], origin.isAdd else { return [refused("notFound")] }
    let isFresh = fresh.contains(change.holding)
    guard let holding = holdings[change.holding], holding.state == "delivered" else {
      // What ended just now may still be extended, in vain.
      let tooLate = refused("assignmentNotLive")
      guard isFresh, let holding = holdings[change.holding], holding.state == "expired" else {
        return [tooLate]
      }
      return [tooLate] + extendedInVain(change, reply, origin, c)
    }
    let judged = judged(change, reply, origin, holding, c)
    return isFresh ? [judged, refused("assignmentNotLive")] : [judged]
  }

  private func judged(
    _ change: Change, _ reply: Reply, _ origin: Entry, _ holding: Holding, _ c: Circumstances
  ) -> Possibility {
    guard let name = origin.policy, let policy = c.bylaws.policies[name] else {
      return refused("extensionNotAllowed")
    }
    var reasons = personal(c).union(local(origin.package, c)).union(separation(origin.package, c))
    if policy.isDisabled {
      reasons.insert("policyDisabled")
    } else if !isMeant(by: policy, true, c) {
      reasons.insert("policyNotMatched")
    }
    if !reasons.isEmpty { return Possibility(expected: .refused(reasons), after: self) }
    if !change.isByAdministrator, policy.asksWhy, change.why.isEmpty {
      return refused("justificationRequired")
    }
    if !change.isByAdministrator, !hasAccepted(policy, change.accepts, c) {
      return refused("termsNotAccepted")
    }
    if !policy.selfExtend, !change.isByAdministrator { return refused("extensionNotAllowed") }
    guard let end = holding.end.exact, let delivered = holding.delivered else {
      return refused("extensionNotAllowed")
    }
    let opens = end.addingTimeInterval(-min(end.timeIntervalSince(delivered) / 3, 30 * 86_400))
    if c.now < opens, !change.isByAdministrator { return refused("extensionTooEarly") }
    let term = Term(seconds: policy.seconds, latest: policy.until).capped(at: exemptionEnd(origin.package, c))
    let most = [term.seconds.map { c.now + $0 }, term.latest].compactMap(\.self).min()
    if let most, most <= end { return refused("extensionLimitReached") }
    if let open = openUpdate(of: change.holding) {
      return Possibility(expected: .refused(["openRequestExists \(open)"]), after: self)
    }
    return Possibility(expected: .new, after: prolonged(change, reply, origin, name, policy, term, c))
  }

  private func prolonged(
    _ change: Change, _ reply: Reply, _ origin: Entry, _ name: String, _ policy: Bylaws.Policy, _ term: Term,
    _ c: Circumstances
  ) -> Dossier {
    var after = self
    let (id, createdAt) = reply.named(or: c.now)
    after.requests[id] = Entry(
      kind: change.isByAdministrator ? "adminUpdate" : "userUpdate", state: "pendingApproval",
      status: "PendingApproval", package: origin.package, policy: name, assignment: change.holding, term: term
    )
    after.fresh.insert(id)
    if !change.isByAdministrator { after.accept(change.accepts, policy, c) }
    if !change.key.isEmpty { after.keys["extend \(change.key)"] = Spent(body: change.body, request: id) }
    if policy.extensionNeedsApproval, !change.isByAdministrator {
      after.open(id, name, policy, createdAt)
    } else {
      after.grant(id, c)
    }
    return after
  }

  /// What is judged before it is known that the access has ended. What is accepted then changes nothing, or came in
  /// time; one that waits for a decision may keep the guest, too.
  private func extendedInVain(
    _ change: Change, _ reply: Reply, _ origin: Entry, _ c: Circumstances
  ) -> [Possibility] {
    var still = self
    still.holdings[change.holding]?.state = "delivered"
    guard let holding = still.holdings[change.holding] else { return [] }
    let judged = still.judged(change, reply, origin, holding, c)
    guard judged.expected == .new else { return [Possibility(expected: judged.expected, after: self)] }
    let (id, _) = reply.named(or: c.now)
    var inTime = judged.after
    inTime.holdings[change.holding]?.state = "expired"
    (inTime.guest, inTime.isBlockPlanned) = (guest, isBlockPlanned)
    var inVain = inTime
    inVain.holdings[change.holding] = holdings[change.holding]
    if inVain.requests[id]?.state == "delivered" {
      inVain.requests[id]?.become("canceled", "AssignmentEnded")
    }
    var kept = inVain
    if inVain.waitsForApproval { kept.guest = .active }
    return [inTime, inVain, kept].map { Possibility(expected: .new, after: $0) }
  }

  // MARK: - Its end

  func removed(_ change: Change, _ reply: Reply, _ c: Circumstances) -> [Possibility] {
    if let before = repeated(change, "remove") { return before }
    guard let origin = requests[change.holding], origin.isAdd else { return [refused("notFound")] }
    let selfRemove = origin.policy.flatMap { c.bylaws.policies[$0] }?.selfRemove ?? true
    if !change.isByAdministrator, !selfRemove { return [refused("selfRemoveNotAllowed")] }
    var asked = self
    if change.isByAdministrator, let update = openUpdate(of: change.holding) { asked.cancel(update) }
    if origin.isWaiting {
      asked.cancel(change.holding)
      asked.closed(c)
      if !change.key.isEmpty {
        asked.keys["remove \(change.key)"] = Spent(body: change.body, request: change.holding)
      }
      return [Possibility(expected: .same(change.holding), after: asked)]
    }
    guard let state = holdings[change.holding]?.state, state != "expired" else { return gone(change) }
    let (id, _) = reply.named(or: c.now)
    asked.requests[id] = Entry(
      kind: change.isByAdministrator ? "adminRemove" : "userRemove", state: "delivered", status: "Delivered",
      package: origin.package, policy: origin.policy, assignment: change.holding)
    asked.fresh.insert(id)
    if !change.key.isEmpty { asked.keys["remove \(change.key)"] = Spent(body: change.body, request: id) }
    asked.end(
      change.holding, because: change.isByAdministrator ? "removedByAdministrator" : "removedByPerson", c)
    guard fresh.contains(change.holding), origin.state == "delivered" else {
      return [Possibility(expected: .new, after: asked)]
    }
    return ([asked] + asked.neverBegun(change.holding)).map { Possibility(expected: .new, after: $0) }
  }

  /// The end came before the beginning: there has been no access, and perhaps no guest.
  private func neverBegun(_ holding: String) -> [Dossier] {
    var after = self
    after.requests[holding]?.become("canceled", "AssignmentEnded")
    after.holdings[holding]?.end = Ending()
    var uninvited = after
    uninvited.guest = ungranted[holding] ?? guest
    return [after, uninvited]
  }

  /// A removal that is on its way is the answer; afterwards there is nothing left to remove.
  private func gone(_ change: Change) -> [Possibility] {
    let removal = requests.first {
      $0.value.assignment == change.holding && $0.value.kind.hasSuffix("Remove") && fresh.contains($0.key)
    }
    guard let removal else { return [refused("assignmentNotLive")] }
    var after = self
    if !change.key.isEmpty {
      after.keys["remove \(change.key)"] = Spent(body: change.body, request: removal.key)
    }
    return [refused("assignmentNotLive"), Possibility(expected: .same(removal.key), after: after)]
  }

  // MARK: - Taking it back

  func canceled(_ id: String, byStranger: Bool, _ c: Circumstances) -> [Possibility] {
    guard let entry = requests[id], !byStranger else { return [refused("notFound")] }
    if entry.state == "canceled" {
      // Whatever became of the assignment since, it is over.
      return [Possibility(expected: .same(id), after: self)]
    }
    let before = undecided[id]
    guard entry.isWaiting || before != nil else { return [refused("notCancelable")] }
    var after = self
    if let before {
      // The decision came to nothing.
      (after.requests[id], after.holdings[entry.assignment]) = (before.entry, before.holding)
      (after.guest, after.isBlockPlanned) = (before.guest, before.isBlockPlanned)
    }
    after.cancel(id)
    after.closed(c)
    let canceled = Possibility(expected: .same(id), after: after)
    return entry.isWaiting ? [canceled] : [canceled, refused("notCancelable")]
  }
}
