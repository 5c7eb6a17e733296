import Foundation

/// What an approver says.
struct Word: Sendable {
  let vote: String
  let isApproval: Bool
  let by: String
  var why = ""
  /// From 1; nil for whichever waits.
  var stage: Int?
  var end: Date?
  /// The approver's own organization.
  var organization: String?
}

extension Dossier {
  func decided(_ word: Word, _ c: Circumstances) -> [Possibility] {
    let unheard = Possibility(expected: .refused(["notFound"]), after: self)
    guard let vote = votes[word.vote] else { return [unheard] }
    let isFresh = fresh.contains(word.vote)
    if isFresh, vote.state == "canceled" {
      // The request was taken back just now: approval may not have heard of it, or never of the request.
      var open = self
      open.votes[word.vote]?.state = "pending"
      let inVain = open.spoken(word, c).map { possibility in
        var after = possibility.after
        after.requests[word.vote] = requests[word.vote]
        after.holdings[word.vote] = holdings[word.vote]
        (after.guest, after.isBlockPlanned) = (guest, isBlockPlanned)
        if after.votes[word.vote]?.state == "pending" { after.votes[word.vote]?.state = "canceled" }
        return Possibility(expected: possibility.expected, after: after)
      }
      return spoken(word, c) + inVain + [unheard]
    }
    return spoken(word, c) + (isFresh ? [unheard] : [])
  }

  private func spoken(_ word: Word, _ c: Circumstances) -> [Possibility] {
    guard let vote = votes[word.vote] else { return [] }
    let seat = seat(of: word.by, in: vote, from: word.organization, word.vote, c)
    var reasons = obstacles(to: word, vote, hasSeat: seat != nil, c)
    if isDecided(vote, by: word, seat ?? word.by) { reasons.insert("alreadyDecided") }
    if !reasons.isEmpty { return [Possibility(expected: .refused(reasons), after: self)] }
    var after = self
    after.record(word, seat ?? word.by, c)
    return [Possibility(expected: .done, after: after)]
  }

  private func obstacles(
    to word: Word, _ vote: Vote, hasSeat: Bool, _ c: Circumstances
  ) -> Set<String> {
    var reasons: Set<String> = []
    if let hindrance = hindrance(of: word.by, c) {
      reasons.insert(hindrance)
    } else if !hasSeat {
      reasons.insert("notAnApprover")
    }
    if seats(of: word.by, c).contains(c.citizen.name) { reasons.insert("ownRequest") }
    let stages = c.bylaws.policies[vote.policy]?.stages ?? []
    if stages.indices.contains(vote.stage), stages[vote.stage].reasonNeeded, word.why.isEmpty {
      reasons.insert("approverJustificationRequired")
    }
    if let end = word.end {
      if end <= c.now || !word.isApproval { reasons.insert("outOfRange") }
      if word.why.isEmpty { reasons.insert("approverJustificationRequired") }
    }
    return reasons
  }

  private func isDecided(_ vote: Vote, by word: Word, _ seat: String) -> Bool {
    if vote.state != "pending" { return true }
    if let stage = word.stage, stage - 1 != vote.stage { return true }
    return isHeard(word.by, in: vote) || isHeard(seat, in: vote)
  }

  /// Whether somebody has decided what waits, or somebody else has for them.
  private func isHeard(_ person: String, in vote: Vote) -> Bool {
    vote.decisions[vote.stage].contains { [$0.by, $0.seat].contains(person) }
  }

  private mutating func record(_ word: Word, _ seat: String, _ c: Circumstances) {
    guard var vote = votes[word.vote] else { return }
    vote.decisions[vote.stage].append(Decision(by: word.by, seat: seat, isApproval: word.isApproval))
    if let end = word.end { vote.shortened = min(end, vote.shortened ?? end) }
    let enough = vote.decisions[vote.stage].count >= vote.needed[vote.stage]
    if !word.isApproval {
      vote.state = "denied"
    } else if enough {
      if vote.stage + 1 < vote.needed.count { vote.stage += 1 } else { vote.state = "approved" }
    }
    votes[word.vote] = vote
    conclude(word.vote, vote, c)
  }

  /// What becomes of the request.
  private mutating func conclude(_ id: String, _ vote: Vote, _ c: Circumstances) {
    guard vote.state != "pending", let entry = requests[id], entry.state == "pendingApproval" else { return }
    undecided[id] = Before(
      entry: entry, holding: holdings[entry.assignment], guest: guest, isBlockPlanned: isBlockPlanned)
    if vote.state == "denied" {
      requests[id]?.become("denied", "Denied")
      closed(c)
    } else {
      if let term = requests[id]?.term { requests[id]?.term = term.capped(at: vote.shortened) }
      grant(id, c)
    }
  }

  // MARK: - Who may

  func hindrance(of person: String, _ c: Circumstances) -> String? {
    guard person == c.citizen.name else { return c.hindered[person] }
    return hasLeft ? "subjectLeft" : isBarred ? "subjectBarred" : nil
  }

  /// The approver, and those who let the approver decide too.
  private func seats(of person: String, _ c: Circumstances) -> [String] {
    [person] + c.bylaws.delegates.filter { $0.value == person }.map(\.key).sorted()
  }

  private func seat(
    of person: String, in vote: Vote, from organization: String?, _ id: String, _ c: Circumstances
  ) -> String? {
    let stages = c.bylaws.policies[vote.policy]?.stages ?? []
    guard hindrance(of: person, c) == nil, stages.indices.contains(vote.stage) else { return nil }
    let stage = stages[vote.stage]
    let held = seats(of: person, c).filter { seat in
      // What an approver must not decide, for they stand in for whom it concerns, their delegate must not either.
      (seat == person || !seats(of: seat, c).contains(c.citizen.name))
        && hindrance(of: seat, c) == nil
        && (isAsked(seat, stage, organization, c) || standsIn(seat, stage, c))
    }
    return held.first { !isHeard($0, in: vote) } ?? held.first
  }

  private func isAsked(
    _ person: String, _ stage: Bylaws.Stage, _ organization: String?, _ c: Circumstances
  ) -> Bool {
    let partner = c.citizen.organization.flatMap { c.bylaws.organizations[$0] }
    return stage.asks.contains { asked in
      switch asked {
      case .person(let named): named == person
      case .group(let name): c.bylaws.groups[name]?.contains(person) ?? false
      case .ourSponsors: partner?.ourSponsors.contains(person) ?? false
      case .theirSponsors:
        partner?.theirSponsors.contains(person) ?? false && organization == c.citizen.organization
      }
    }
  }

  /// Named stand-ins count while nobody who is asked can be found.
  private func standsIn(_ person: String, _ stage: Bylaws.Stage, _ c: Circumstances) -> Bool {
    guard stage.fallback.contains(person) else { return false }
    let partner = c.citizen.organization.flatMap { c.bylaws.organizations[$0] }
    return stage.asks.allSatisfy { asked in
      let found: Set<String> =
        switch asked {
        case .person(let named): [named]
        case .group(let name): c.bylaws.groups[name] ?? []
        case .ourSponsors: partner?.ourSponsors ?? []
        case .theirSponsors: partner?.theirSponsors ?? []
        }
      return found.allSatisfy { hindrance(of: $0, c) != nil }
    }
  }

  // MARK: - Taking it back

  func revoked(_ id: String, by person: String, _ c: Circumstances) -> [Possibility] {
    func refused(_ code: String) -> [Possibility] { [Possibility(expected: .refused([code]), after: self)] }
    guard let vote = votes[id] else { return refused("notFound") }
    if let hindrance = hindrance(of: person, c) { return refused(hindrance) }
    let own = vote.decisions.joined().contains { ($0.by == person || $0.seat == person) && $0.isApproval }
    if !own { return refused("notAnApprover") }
    if vote.state != "approved" { return refused("notRevocable") }
    var after = self
    after.votes[id]?.isRevoked = true
    if !vote.isRevoked { after.takeBack(id, c) }
    return [Possibility(expected: .done, after: after)]
  }

  private mutating func takeBack(_ id: String, _ c: Circumstances) {
    guard let entry = requests[id] else { return }
    if entry.isWaiting {
      cancel(id)
      closed(c)
    }
    guard let state = holdings[entry.assignment]?.state, state != "expired" else { return }
    add(removal: "approverRemove", of: entry.assignment)
    end(entry.assignment, because: "revokedByApprover", c)
  }
}
