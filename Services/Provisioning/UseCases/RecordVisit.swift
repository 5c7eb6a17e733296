import EntitlementModel
import Foundation
import Messaging
import Postgres

/// Records what connectors answered, for the guests whose lease is still ours, and says what to ask next. What is
/// about to be changed is committed as attempted before it is asked for.
struct RecordVisit {
  let settle: Settlement
  let leaseDuration: TimeInterval

  /// After so long an undelivered approval has lapsed.
  private static let lapse = Period.days(30)
  private static let idlePause: TimeInterval = 60

  /// - Parameter answers: nil at the start of a visit.
  func callAsFunction(_ visit: Visit, _ answers: VisitAnswers?, _ work: Work) throws -> VisitStage? {
    try work.enter(visit.guests.map(\.tenant))
    let holdings = try Holdings.lock(
      guests: Set(visit.guests.map(\.id)), of: visit.guests.map(\.tenant), work)
    let table = GuestWorkTable(connection: work.connection)
    let ours = try table.hold(visit.token, until: work.now.addingTimeInterval(leaseDuration))
    try holdings.readUnsettled()
    try lapse(holdings)
    let stage = next(after: answers, of: ours, holdings)
    try settle.drawConclusions(holdings)
    try holdings.save()
    if stage == nil { try giveBack(visit, ours, isIdle: answers == nil, holdings, table) }
    return stage
  }

  /// Records what was answered, and says what is to be asked then.
  private func next(
    after answers: VisitAnswers?, of guests: Set<UUID>, _ holdings: Holdings
  ) -> VisitStage? {
    let change = record(answers, of: guests, holdings)
    switch answers {
    case nil: return firstStage(of: guests, holdings)
    case .accounts: return roles(of: guests, holdings) ?? attributes(of: guests, holdings)
    case .observation, .change: return change ?? attributes(of: guests, holdings)
    case .attributeObservation, .attributeChange: return change
    }
  }

  private func firstStage(of guests: Set<UUID>, _ holdings: Holdings) -> VisitStage? {
    let accounts = settle.pendingAccounts(holdings).compactMapValues { commands in
      commands.filter { guests.contains($0.guest) }.nonEmpty
    }
    if !accounts.isEmpty { return .accounts(accounts) }
    return roles(of: guests, holdings) ?? attributes(of: guests, holdings)
  }

  private func attributes(of guests: Set<UUID>, _ holdings: Holdings) -> VisitStage? {
    let asked = settle.pendingAttributes(holdings).compactMapValues { asked in
      asked.filter { guests.contains($0.attribute.guest) }.nonEmpty
    }
    return asked.isEmpty ? nil : .attributeObservation(asked)
  }

  private func roles(of guests: Set<UUID>, _ holdings: Holdings) -> VisitStage? {
    let roles = settle.pendingRoles(holdings).compactMapValues { asked in
      asked.filter { guests.contains($0.role.guest) }.nonEmpty
    }
    return roles.isEmpty ? nil : .observation(roles)
  }

  /// - Returns: what is to be changed, after an observation.
  private func record(_ answers: VisitAnswers?, of guests: Set<UUID>, _ holdings: Holdings) -> VisitStage? {
    switch answers {
    case nil: return nil
    case .accounts(let items):
      for item in items where guests.contains(item.command.guest) {
        holdings.answered(item.answer, guest: item.command.guest, at: item.connector)
      }
      return nil
    case .observation(let items):
      let toChange = items.filter {
        guests.contains($0.asked.role.guest) && observed($0.asked, $0.answer, holdings)
      }
      guard !toChange.isEmpty else { return nil }
      return .change(Dictionary(grouping: toChange.map(\.asked)) { holdings.originSystem(of: $0.role) })
    case .change(let items):
      for item in items where guests.contains(item.asked.role.guest) {
        holdings.answered(
          item.answer, role: item.asked.role, generation: item.asked.generation, retryAt: holdings.work.now)
      }
      return nil
    case .attributeObservation(let items):
      let toChange = items.filter {
        guests.contains($0.asked.attribute.guest) && holdings.observed($0.asked, $0.answer)
      }
      guard !toChange.isEmpty else { return nil }
      return .attributeChange(Dictionary(grouping: toChange.map(\.asked)) { $0.attribute.connector })
    case .attributeChange(let items):
      for item in items where guests.contains(item.asked.attribute.guest) {
        holdings.answered(
          item.answer, attribute: item.asked.attribute, generation: item.asked.generation,
          retryAt: holdings.work.now)
      }
      return nil
    }
  }

  /// Takes what was observed; whether the role has to be changed. The attempt is committed before.
  private func observed(_ asked: AskedRole, _ answer: RoleAnswer, _ holdings: Holdings) -> Bool {
    guard let held = holdings.roles[asked.role], held.entitlement.generation == asked.generation else {
      return false
    }
    switch answer {
    case .success(let isThere) where isThere == asked.command.isWanted:
      holdings.answered(
        .success(isThere), role: asked.role, generation: asked.generation, retryAt: holdings.work.now)
      return false
    case .success(let isThere):
      holdings.attempt(asked.role, foundAtTarget: isThere)
      return true
    case .failure(let error):
      if !error.isRetryable { holdings.attempt(asked.role) }
      holdings.answered(
        .failure(error), role: asked.role, generation: asked.generation, retryAt: holdings.work.now)
      return false
    }
  }

  /// Deliveries that took too long: what they have is taken away again.
  private func lapse(_ holdings: Holdings) throws {
    let late = try AssignmentTable(connection: holdings.work.connection).lapsed(
      of: Set(holdings.guests.current.keys), of: holdings.tenants, before: holdings.work.now - Self.lapse)
    for id in late.sorted() {
      guard let assignment = holdings.assignments[id] else { continue }
      holdings.change(assignment: id) {
        _ = $0.remove(because: .deliveryLapsed)
        return []
      }
      holdings.releaseAll(of: assignment)
    }
  }

  private func giveBack(
    _ visit: Visit, _ ours: Set<UUID>, isIdle: Bool, _ holdings: Holdings, _ table: GuestWorkTable
  ) throws {
    // What nothing can be asked for now waits for something else to happen first.
    let soon = isIdle ? holdings.work.now.addingTimeInterval(Self.idlePause) : holdings.work.now
    var done: [UUID] = []
    var later: [GuestWorkTable.Postponed] = []
    for guest in visit.guests where ours.contains(guest.id) {
      if let error = visit.errors[guest.id] {
        later.append(guest.postponed(after: error, at: holdings.work.now))
      } else if settle.isPending(guest.id, holdings) {
        later.append(.init(guest: guest.id, nextAttemptAt: soon, attempts: 0, firstFailedAt: nil))
      } else {
        done.append(guest.id)
      }
    }
    try table.finish(done, visit.token)
    try table.postpone(later, visit.token)
  }
}

/// The guests that a worker has leased together.
struct Visit: Sendable {
  let token: UUID
  let guests: [LeasedGuest]
  /// What went wrong so far, by guest.
  private(set) var errors: [UUID: ConnectorError] = [:]

  init(token: UUID, guests: [LeasedGuest]) {
    (self.token, self.guests) = (token, guests)
  }

  mutating func note(_ answers: VisitAnswers) {
    errors.merge(answers.errors) { $0.retryAfter > $1.retryAfter ? $0 : $1 }
  }
}

extension LeasedGuest {
  /// When to come again (decision 20), not before the connector wants to be asked again.
  fileprivate func postponed(after error: ConnectorError, at now: Date) -> GuestWorkTable.Postponed {
    let (tries, since) = (attempts + 1, firstFailedAt ?? now)
    let next = Backoff.next(afterAttempts: tries, since: since, now: now, jitter: .random(in: 0...1))
    return .init(
      guest: id, nextAttemptAt: max(next, now.addingTimeInterval(error.retryAfter)), attempts: tries,
      firstFailedAt: since)
  }
}

extension Holdings {
  fileprivate func originSystem(of role: Entitlement.ID) -> String {
    roles[role]?.entitlement.originSystem ?? ""
  }
}

extension Array {
  fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
