package import Foundation

/// One role of one resource for one guest: a single row, on which assignments hold claims (decision 18). It is
/// granted with the first claim and revoked when the last one goes. Owned by provisioning.
package struct Entitlement: Sendable, Hashable, Identifiable {
  package struct ID: Sendable, Hashable {
    package let guest: UUID
    package let resource: UUID
    package let role: String

    package init(guest: UUID, resource: UUID, role: String) {
      (self.guest, self.resource, self.role) = (guest, resource, role)
    }
  }

  package let id: ID
  package let tenant: UUID
  package let originSystem: String
  package let originID: String
  package private(set) var claims: Set<UUID>
  /// Raised whenever what is wanted changes: an answer to an older wish says nothing.
  package private(set) var generation: Int
  package private(set) var observed: Observed
  /// Whether it was there before us. Committed before the first mutating call, never changed after.
  package private(set) var provenance: Provenance?
  package private(set) var attempts: Int
  package private(set) var lastError: TargetError?
  package private(set) var nextAttemptAt: Date?

  /// What is known of the target: after a lost answer, nothing; while it is asserted anew, that it was there before.
  package enum Observed: String, Sendable, CaseIterable { case absent, present, unknown, presumed }

  package enum Provenance: String, Sendable, CaseIterable { case ours, found }

  package enum State: String, Sendable { case granting, granted, revoking, revoked, failed }

  package init(
    id: ID, tenant: UUID, originSystem: String, originID: String, claims: Set<UUID> = [], generation: Int = 0,
    observed: Observed = .absent, provenance: Provenance? = nil, attempts: Int = 0,
    lastError: TargetError? = nil,
    nextAttemptAt: Date? = nil
  ) {
    (self.id, self.tenant, self.originSystem, self.originID) = (id, tenant, originSystem, originID)
    (self.claims, self.generation, self.observed) = (claims, generation, observed)
    (self.provenance, self.attempts, self.lastError) = (provenance, attempts, lastError)
    self.nextAttemptAt = nextAttemptAt
  }

  package var isWanted: Bool { !claims.isEmpty }

  /// Whether the target has still to be told something.
  package var isPending: Bool {
    switch (isWanted, observed) {
    case (true, .present), (false, .absent): false
    case (true, .absent), (true, .unknown), (true, .presumed): true
    case (false, .present), (false, .unknown), (false, .presumed): true
    }
  }

  package var state: State {
    switch (isWanted, observed) {
    case (true, .present): .granted
    case (true, .absent), (true, .unknown), (true, .presumed):
      nextAttemptAt == nil && attempts > 0 ? .failed : .granting
    case (false, .absent): .revoked
    case (false, .present), (false, .unknown), (false, .presumed): .revoking
    }
  }
}

extension Entitlement {
  /// An assignment wants the role.
  package mutating func claim(by assignment: UUID, at now: Date) {
    let wasWanted = isWanted
    guard claims.insert(assignment).inserted, !wasWanted else { return }
    wish(at: now)
  }

  /// An assignment wants it no more. A role that was there before us stays when `keepsFound` (members, guests
  /// that we do not govern).
  package mutating func release(by assignment: UUID, keepsFound: Bool, at now: Date) {
    guard claims.remove(assignment) != nil, !isWanted else { return }
    wish(at: now)
    if provenance == .found && keepsFound { forget() }
  }

  /// The connector is to be told again what is wanted, as if nobody had looked: the target may have lost it. What was
  /// granted counts as there until it is revoked, whatever the connector says now.
  package mutating func assertAnew(at now: Date) {
    guard isWanted else { return }
    if observed == .present { observed = .presumed }
    wish(at: now)
  }

  /// What the connector is about to be asked, committed before it is asked.
  package mutating func attempt(foundAtTarget: Bool?) {
    attempts += 1
    if isWanted, provenance == nil, let foundAtTarget { provenance = foundAtTarget ? .found : .ours }
    if !isPresumed { observed = .unknown }
  }

  /// The connector has answered.
  package mutating func answered(_ answer: Answer, generation asked: Int, at now: Date) {
    guard asked == generation else { return }
    switch answer {
    case .done(let wasThere):
      if isWanted, provenance == nil { provenance = wasThere ? .found : .ours }
      (observed, lastError, nextAttemptAt) = (isWanted ? .present : .absent, nil, nil)
      if !isWanted { (provenance, attempts) = (nil, 0) }
    case .retry(let error, at: let next):
      (lastError, nextAttemptAt) = (error, next)
      if !isPresumed { observed = .unknown }
    case .refused(let error):
      lastError = error
      // A removal is tried for ever (decision 20); a grant that is refused stops here.
      if isWanted {
        nextAttemptAt = nil
        if !isPresumed { observed = .absent }
      } else {
        nextAttemptAt = now.addingTimeInterval(3_600)
      }
    }
  }

  package enum Answer: Sendable, Hashable {
    /// As wanted now; whether it was there already before a grant.
    case done(wasThere: Bool)
    case retry(error: TargetError, at: Date)
    case refused(error: TargetError)
  }

  private var isPresumed: Bool { isWanted && observed == .presumed }

  private mutating func wish(at now: Date) {
    generation += 1
    (attempts, lastError, nextAttemptAt) = (0, nil, isPending ? now : nil)
  }

  private mutating func forget() {
    (observed, provenance, nextAttemptAt) = (.absent, nil, nil)
  }
}

/// When to try again: doubling from 2 seconds up to 10 minutes; after 24 hours of failing, hourly (decision 20).
package enum Backoff {
  package static func next(afterAttempts attempts: Int, since firstFailure: Date, now: Date, jitter: Double)
    -> Date
  {
    if now.timeIntervalSince(firstFailure) > 86_400 { return now.addingTimeInterval(3_600) }
    let exponential = min(600, 2 * Double(1 << min(attempts, 12)))
    return now.addingTimeInterval(exponential * (0.5 + jitter / 2))
  }
}
