import Foundation

/// What follows from a yes, and how access ends.
extension Dossier {
  /// Nobody has to say anything any more.
  mutating func grant(_ id: String, _ c: Circumstances) {
    guard var entry = requests[id] else { return }
    if let latest = entry.term.latest, latest <= c.now {
      entry.become("denied", "EndPassed")
      requests[id] = entry
      return closed(c)
    }
    if let start = entry.start, start > c.now {
      entry.become("scheduled", "PendingNotBefore")
      requests[id] = entry
      return
    }
    if entry.isUpdate { prolong(id, c) } else { deliver(id, from: max(c.now, entry.start ?? c.now), c) }
  }

  /// The start has come.
  mutating func begin(_ id: String, _ c: Circumstances) {
    guard let start = requests[id]?.start else { return }
    deliver(id, from: start, c)
  }

  private mutating func deliver(_ id: String, from start: Date, _ c: Circumstances) {
    guard var entry = requests[id] else { return }
    var holding = Holding(package: entry.package, policy: entry.policy ?? "", state: "delivered")
    if let failure = obstacle(c) {
      (holding.state, holding.failure) = ("deliveryFailed", failure)
      entry.become("deliveryFailed", "DeliveryFailed")
    } else {
      holding.end = Ending(seconds: entry.term.seconds, from: start, latest: entry.term.latest)
      entry.become("delivered", "Delivered")
      ungranted[id] = guest
      (guest, isBlockPlanned) = (.active, false)
    }
    (requests[id], holdings[id]) = (entry, holding)
    fresh.insert(id)
    if holding.state == "deliveryFailed" { closed(c) }
  }

  /// What has been forbidden since the request was judged.
  private func obstacle(_ c: Circumstances) -> String? {
    if isBarred { return "subjectBarred" }
    let isDenied = !c.citizen.isMember && !c.bylaws.mayBeGuest(c.citizen.email, of: c.citizen.organization)
    return isDenied ? "domainDenied" : nil
  }

  private mutating func prolong(_ id: String, _ c: Circumstances) {
    guard var entry = requests[id], var holding = holdings[entry.assignment] else { return }
    if holding.state == "delivered" {
      entry.become("delivered", "Delivered")
      holding.end = Ending(
        seconds: entry.term.seconds, from: c.now, latest: entry.term.latest, atLeast: holding.end.exact)
      if entry.term.seconds == nil, entry.term.latest == nil { holding.end = Ending() }
    } else {
      entry.become("canceled", "AssignmentEnded")
    }
    (requests[id], holdings[entry.assignment]) = (entry, holding)
    fresh.insert(entry.assignment)
    if holding.state != "delivered" { closed(c) }
  }

  // MARK: - The end

  /// Takes back what was not granted.
  mutating func cancel(_ id: String) {
    requests[id]?.become("canceled", "Canceled")
    if votes[id]?.state == "pending" { votes[id]?.state = "canceled" }
    fresh.insert(id)
  }

  /// Access ends; whatever it was, its failed delivery's request is over too.
  mutating func end(_ holding: String, because reason: String, _ c: Circumstances) {
    guard let state = holdings[holding]?.state else { return }
    holdings[holding]?.state = "expired"
    holdings[holding]?.reason = reason
    fresh.insert(holding)
    if state == "deliveryFailed" { requests[holding]?.become("canceled", "AssignmentEnded") }
    if state == "delivered" { becameIdle(c) }
  }

  /// The last access of a guest may have gone: open requests postpone what follows.
  mutating func becameIdle(_ c: Circumstances) {
    guard !c.citizen.isMember, live.isEmpty, guest == .active, !waitsForApproval, !waitsForStart else {
      return
    }
    switch c.bylaws.idleGuests {
    case .stay: break
    case .blocked, .blockedThenDeleted: guest = .blocked
    case .deletedAtOnce: guest = .absent
    }
  }

  /// A request has come to nothing: a guest who was left alone for its sake is so no longer. One whom a changed
  /// setting will block keeps the days that it gives.
  mutating func closed(_ c: Circumstances) {
    if !isBlockPlanned { becameIdle(c) }
  }

  /// The tenant says otherwise what becomes of idle guests: never sooner than in seven days.
  mutating func lifecycleChanged(_ c: Circumstances) {
    guard !c.citizen.isMember, live.isEmpty, guest == .active else { return }
    isBlockPlanned = c.bylaws.idleGuests != .stay
  }

  mutating func left(_ c: Circumstances) {
    hasLeft = true
    for (id, entry) in requests where entry.isWaiting { cancel(id) }
    for id in live {
      add(removal: "systemRemove", of: id)
      end(id, because: "personLeft", c)
    }
    closed(c)
  }

  /// The person's organization has ended.
  mutating func lostOrganization(_ c: Circumstances) {
    for (id, entry) in requests where entry.isWaiting { cancel(id) }
    for id in live {
      add(removal: "systemRemove", of: id)
      end(id, because: "organizationEnded", c)
    }
    closed(c)
  }

  mutating func add(removal kind: String, of holding: String) {
    let origin = requests[holding]
    unnamed.append(
      Entry(
        kind: kind, state: "delivered", status: "Delivered", package: origin?.package ?? "",
        policy: origin?.policy,
        assignment: holding))
  }

  /// The clock.
  mutating func tick(_ c: Circumstances) {
    for (id, entry) in requests where entry.state == "scheduled" {
      if let start = entry.start, start <= c.now { begin(id, c) }
    }
    for (id, vote) in votes where vote.state == "pending" {
      guard let expires = vote.expires, expires <= c.now else { continue }
      votes[id]?.state = "timedOut"
      requests[id]?.become("denied", "TimedOut")
      closed(c)
    }
    for id in live {
      guard let end = holdings[id]?.end.exact, end <= c.now else { continue }
      self.end(id, because: "timeUp", c)
    }
  }
}
