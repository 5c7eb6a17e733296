import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols

/// Whether a change has been looked at by a second administrator.
enum Admission: Sendable {
  /// The guards judge it.
  case judged
  /// A second administrator has confirmed it: the guards let it through and count nothing.
  case confirmed
}

/// What came of a change that the guards judged.
enum Guarded<Value: Sendable>: Sendable {
  case done(Value)
  case waits(PendingConfirmation)

  /// - Throws: `confirmationRequired` with the confirmation's id. To be asked after the commit: before it, the throw
  ///   would undo the confirmation too.
  func get() throws(Refusal) -> Value {
    switch self {
    case .done(let value): return value
    case .waits(let confirmation): throw confirmation.refusal
    }
  }
}

extension PendingConfirmation {
  var refusal: Refusal {
    var effects: [String] = []
    if !widens.isEmpty {
      effects.append("it widens privileged access (\(widens.map(\.rawValue).joined(separator: ", ")))")
    }
    if people > 0 { effects.append("it concerns \(people) people") }
    return Refusal(
      .confirmationRequired,
      "The change waits for a second administrator: \(effects.joined(separator: "; ")).",
      hint: id.text)
  }
}

/// What a change does that a guard looks at.
struct GuardedEffect: Sendable {
  /// What it is about, and the version of it that is stored; 0 for what is not there yet.
  let object: UUID
  let objectVersion: Int
  var widens: Set<Widening> = []
  /// Who would lose access or account, or be refused.
  var people: Set<UUID> = []
}

/// The one door through which changes go that could widen privileged access (decision 17) or end many people's (26).
/// Every use case that takes access away from others, or widens it, asks here once it knows what it is going to do, and
/// does it only if nothing waits.
struct MassChangeGuard {
  let work: Work
  let tenant: UUID
  let asker: Administrator
  private let initiator: Initiator

  init(work: Work, tenant: UUID, principal: Principal) {
    self.init(work: work, tenant: tenant, asker: Administrator(principal), initiator: principal.initiator)
  }

  /// - Parameter asker: whoever asks; not always an administrator.
  init(work: Work, tenant: UUID, asker: Administrator, initiator: Initiator) {
    (self.work, self.tenant, self.asker, self.initiator) = (work, tenant, asker, initiator)
  }

  /// Counts the people and lets the change through, or stores it as waiting.
  ///
  /// - Returns: what waits; nil when the change may be made.
  func admit(
    _ change: Vestibule_Model_V1_GuardedChange, _ effect: GuardedEffect, _ admission: Admission = .judged
  ) throws -> PendingConfirmation? {
    switch admission {
    case .confirmed: return nil
    case .judged:
      if try !exceeds(effect) {
        if !effect.people.isEmpty {
          try MassChangeTable(connection: work.connection).note(effect.people, tenant: tenant, at: work.now)
        }
        return nil
      }
      return try hold(change, effect)
    }
  }

  /// Whether the change would have to wait; counts nothing.
  func exceeds(_ effect: GuardedEffect) throws -> Bool {
    if !effect.widens.isEmpty { return true }
    if effect.people.isEmpty { return false }
    let table = MassChangeTable(connection: work.connection)
    try table.lock(tenant)
    let since = work.now - MassChange.window
    try table.prune(tenant, before: since)
    let count = try table.count(with: effect.people, tenant: tenant, since: since)
    if count <= MassChange.least { return false }
    let people = try work.connection.value(
      "SELECT count(*) FROM subject WHERE tenant = \(tenant) AND left_at IS NULL", as: Int.self)
    return MassChange.exceeds(count, people: people)
  }

  /// The same change asked for again waits once.
  private func hold(
    _ change: Vestibule_Model_V1_GuardedChange, _ effect: GuardedEffect
  ) throws -> PendingConfirmation {
    let table = ConfirmationTable(connection: work.connection)
    try MassChangeTable(connection: work.connection).lock(tenant)
    let people = effect.people.sorted()
    let confirmation = PendingConfirmation(
      id: work.newID(), tenant: tenant, object: effect.object, objectVersion: effect.objectVersion,
      widens: effect.widens.sorted(), people: people.count,
      sample: Array(people.prefix(PendingConfirmation.sampleSize)), askedBy: asker,
      askedAt: work.now, expiresAt: work.now + PendingConfirmation.lifetime)
    let stored = StoredConfirmation(confirmation: confirmation, change: change)
    if let waiting = try table.findWaiting(stored) { return waiting.confirmation }
    try table.insert(stored)
    try ConfirmationClock.follow(stored, by: initiator, work)
    return confirmation
  }
}
