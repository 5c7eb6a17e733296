package import Foundation

/// One attribute of one guest's account: a single row, on which assignments hold claims with the values that their
/// holders answered. The newest claim's value is written; with the last claim, if what is there is ours, it is cleared,
/// or what we had overwritten is given back. Owned by provisioning.
package struct AccountAttribute: Sendable, Hashable, Identifiable {
  package struct ID: Sendable, Hashable {
    package let guest: UUID
    package let connector: String
    package let name: String

    package init(guest: UUID, connector: String, name: String) {
      (self.guest, self.connector, self.name) = (guest, connector, name)
    }
  }

  /// What an assignment wants to be there.
  package struct Claim: Sendable, Hashable {
    package let value: String
    /// When it was answered.
    package let since: Date
    /// Whether the value stays when the access ends.
    package let isPersisted: Bool

    package init(value: String, since: Date, isPersisted: Bool) {
      // The same instant is the same claim, however it was read.
      (self.value, self.since) = (value, Date(microseconds: since.microseconds))
      self.isPersisted = isPersisted
    }
  }

  package let id: ID
  package let tenant: UUID
  /// By assignment.
  package private(set) var claims: [UUID: Claim]
  /// Raised whenever what is wanted changes: an answer to an older wish says nothing.
  package private(set) var generation: Int
  package private(set) var observed: Observed
  /// The values that may be there by our hand. Committed before they are written.
  package private(set) var ours: Set<String>
  /// What somebody else had put there and we have written over: what was there last. Committed before it is written
  /// over; nil for nothing.
  package private(set) var overwritten: String?
  package private(set) var attempts: Int
  package private(set) var lastError: TargetError?
  package private(set) var nextAttemptAt: Date?

  /// What is known of the target: before it was looked at, and after a lost answer, nothing.
  package enum Observed: Sendable, Hashable {
    case unknown
    case empty
    case value(String)

    package init(_ value: String?) {
      self = value.map { .value($0) } ?? .empty
    }
  }

  package enum State: String, Sendable { case writing, written, clearing, cleared, failed }

  package init(
    id: ID, tenant: UUID, claims: [UUID: Claim] = [:], generation: Int = 0, observed: Observed = .unknown,
    ours: Set<String> = [], overwritten: String? = nil, attempts: Int = 0, lastError: TargetError? = nil,
    nextAttemptAt: Date? = nil
  ) {
    (self.id, self.tenant, self.claims, self.generation) = (id, tenant, claims, generation)
    (self.observed, self.ours, self.overwritten, self.attempts) = (observed, ours, overwritten, attempts)
    (self.lastError, self.nextAttemptAt) = (lastError, nextAttemptAt)
  }

  /// The assignment whose claim counts.
  package var newest: UUID? {
    claims.max {
      ($0.value.since.microseconds, $0.key.uuidString) < ($1.value.since.microseconds, $1.key.uuidString)
    }?.key
  }

  /// Nil where nothing is wanted any more.
  package var wanted: String? { newest.flatMap { claims[$0]?.value } }

  /// What is to be there: with nothing wanted any more, what was there before us. Nil for nothing.
  package var due: String? { wanted ?? overwritten }

  /// Whether the target has still to be told something.
  package var isPending: Bool {
    switch (wanted, observed) {
    case (let wanted?, .value(let present)): wanted != present
    case (_?, .empty), (_?, .unknown): true
    case (nil, .empty): false
    case (nil, .unknown): !ours.isEmpty
    case (nil, .value(let present)): ours.contains(present) && present != overwritten
    }
  }

  package var state: State {
    switch (isPending, wanted) {
    case (false, _?): .written
    case (false, nil): .cleared
    case (true, _?): nextAttemptAt == nil && attempts > 0 ? .failed : .writing
    case (true, nil): .clearing
    }
  }
}

extension AccountAttribute {
  /// An assignment wants a value there. The same again says nothing.
  package mutating func claim(_ claim: Claim, by assignment: UUID, at now: Date) {
    let before = wanted
    claims[assignment] = claim
    if wanted != before || state == .failed { wish(at: now) }
  }

  /// An assignment wants it no more. What is to stay is nobody's from then on.
  package mutating func release(by assignment: UUID, at now: Date) {
    let before = wanted
    guard let released = claims.removeValue(forKey: assignment) else { return }
    if claims.isEmpty, released.isPersisted { (ours, overwritten) = ([], nil) }
    if wanted != before { wish(at: now) }
  }

  /// The connector is to be told again what is wanted: the target may have lost it.
  package mutating func assertAnew(at now: Date) {
    guard wanted != nil else { return }
    observed = .unknown
    wish(at: now)
  }

  /// What was found at the target; whether it has to be changed. Whatever is to be written is ours from now on, and
  /// committed as that before it is written.
  package mutating func found(_ present: String?, generation asked: Int) -> Bool {
    guard asked == generation else { return false }
    observed = Observed(present)
    guard isPending else {
      settle()
      return false
    }
    if let wanted {
      // Of somebody else's by now is whatever is there and we did not write, nothing too.
      if !(present.map(ours.contains) ?? false) { overwritten = present }
      ours.insert(wanted)
    }
    (attempts, observed) = (attempts + 1, .unknown)
    return true
  }

  /// The connector has answered.
  package mutating func answered(_ answer: Answer, generation asked: Int, at now: Date) {
    guard asked == generation else { return }
    switch answer {
    case .done:
      observed = Observed(due)
      settle()
    case .retry(let error, at: let next):
      (observed, lastError, nextAttemptAt) = (.unknown, error, next)
    case .refused(let error):
      // To clear is tried for ever; what can not be written stops here.
      (observed, lastError, attempts) = (.unknown, error, max(attempts, 1))
      if wanted != nil {
        nextAttemptAt = nil
      } else {
        // What can not be given back is cleared.
        nextAttemptAt = overwritten == nil ? now.addingTimeInterval(3_600) : now
        overwritten = nil
      }
    }
  }

  package enum Answer: Sendable, Hashable {
    /// As wanted now.
    case done
    case retry(error: TargetError, at: Date)
    case refused(error: TargetError)
  }

  /// There is no account any more that could bear it.
  package mutating func accountGone() {
    guard wanted == nil else { return }
    (observed, ours, overwritten) = (.empty, [], nil)
    settle()
  }

  /// What is there is as wanted; of what we wrote only that is ours which is there.
  private mutating func settle() {
    switch observed {
    case .value(let present): ours.formIntersection([present])
    case .empty, .unknown: ours = []
    }
    (lastError, nextAttemptAt) = (nil, nil)
    if wanted == nil { (attempts, ours) = (0, []) }
    if ours.isEmpty { overwritten = nil }
  }

  private mutating func wish(at now: Date) {
    generation += 1
    (attempts, lastError, nextAttemptAt) = (0, nil, isPending ? now : nil)
  }
}
