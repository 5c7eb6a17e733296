import EntitlementModel
import Foundation
import Testing

@Suite("Decision 18: one row per role, with claims on it")
struct EntitlementTests {
  static func sample(
    claims: Set<UUID> = [], _ observed: Entitlement.Observed = .absent,
    provenance: Entitlement.Provenance? = nil
  ) -> Entitlement {
    Entitlement(
      id: .init(guest: anna, resource: uuid(20), role: "member"), tenant: contoso, originSystem: "directory",
      originID: "g1", claims: claims, generation: 3, observed: observed, provenance: provenance)
  }

  @Test(
    "What is wanted and what is seen give the state",
    arguments: [
      (true, Entitlement.Observed.absent, Entitlement.State.granting), (true, .unknown, .granting),
      (true, .present, .granted), (true, .presumed, .granting), (false, .absent, .revoked),
      (false, .unknown, .revoking), (false, .present, .revoking), (false, .presumed, .revoking),
    ])
  func state(isWanted: Bool, observed: Entitlement.Observed, state: Entitlement.State) {
    let entitlement = Self.sample(claims: isWanted ? [assignmentID] : [], observed)
    #expect(entitlement.state == state)
    #expect(entitlement.isPending == (state == .granting || state == .revoking))
  }

  @Test("It is revoked when its last claim goes, not before")
  func lastClaimRevokes() {
    var entitlement = Self.sample(claims: [assignmentID, requestID], .present, provenance: .ours)
    entitlement.release(by: requestID, keepsFound: false, at: noon)
    #expect(entitlement.state == .granted)
    entitlement.release(by: assignmentID, keepsFound: false, at: noon)
    #expect(entitlement.state == .revoking)
    #expect(entitlement.nextAttemptAt == noon)
  }

  @Test("A second claim, or the same one twice, asks the connector nothing")
  func secondClaimIsSilent() {
    var entitlement = Self.sample(claims: [assignmentID], .present)
    entitlement.claim(by: requestID, at: noon)
    entitlement.claim(by: requestID, at: noon)
    #expect(entitlement.generation == 3)
    #expect(entitlement.nextAttemptAt == nil)
  }

  @Test(
    "Found access goes with the last claim of a governed guest and is kept for others",
    arguments: [true, false])
  func foundAccess(keepsFound: Bool) {
    var entitlement = Self.sample(claims: [assignmentID], .present, provenance: .found)
    entitlement.release(by: assignmentID, keepsFound: keepsFound, at: noon)
    #expect(entitlement.state == (keepsFound ? .revoked : .revoking))
  }

  @Test("Provenance is set before the first call and never changed", arguments: [true, false])
  func provenanceStays(wasThere: Bool) {
    var entitlement = Self.sample(claims: [assignmentID])
    entitlement.attempt(foundAtTarget: wasThere)
    #expect(entitlement.observed == .unknown, "after a lost answer nothing is known")
    entitlement.attempt(foundAtTarget: !wasThere)
    entitlement.answered(.done(wasThere: !wasThere), generation: 3, at: noon)
    #expect(entitlement.provenance == (wasThere ? .found : .ours))
    #expect(entitlement.state == .granted)
  }

  @Test("An answer to an older wish says nothing")
  func oldAnswerIsSilent() {
    var entitlement = Self.sample(claims: [assignmentID], .unknown)
    let before = entitlement
    entitlement.answered(.done(wasThere: false), generation: 2, at: noon)
    #expect(entitlement == before)
  }

  @Test("Decision 20: a refused grant stops, a refused removal is tried for ever")
  func refusals() {
    var grant = Self.sample(claims: [assignmentID])
    grant.attempt(foundAtTarget: nil)
    grant.answered(.refused(error: .resourceMissing), generation: 3, at: noon)
    #expect(grant.state == .failed)
    var removal = Self.sample(.present)
    removal.attempt(foundAtTarget: nil)
    removal.answered(.refused(error: .connectorRefused), generation: 3, at: noon)
    #expect(removal.state == .revoking)
    #expect(removal.nextAttemptAt == noon.addingTimeInterval(3_600))
  }

  @Test("What is asserted anew counts as there until it is revoked, whatever the connector says")
  func assertion() {
    var lost = Self.sample(claims: [assignmentID], .present, provenance: .ours)
    lost.assertAnew(at: noon)
    #expect(lost.state == .granting && lost.isPending)
    lost.answered(.done(wasThere: true), generation: 3, at: noon)
    #expect(lost.isPending, "an answer to the older wish says nothing")
    var refused = lost
    lost.attempt(foundAtTarget: false)
    lost.answered(.done(wasThere: false), generation: 4, at: noon)
    #expect(lost.state == .granted && lost.provenance == .ours)
    refused.attempt(foundAtTarget: nil)
    refused.answered(.refused(error: .connectorRefused), generation: 4, at: noon)
    #expect(refused.state == .failed)
    refused.release(by: assignmentID, keepsFound: false, at: noon)
    #expect(refused.state == .revoking, "it may still be there")
  }

  @Test("What nobody wants is not asserted")
  func assertsNothingUnwanted() {
    var entitlement = Self.sample(.present)
    let before = entitlement
    entitlement.assertAnew(at: noon)
    #expect(entitlement == before)
  }

  @Test("Decision 20: retries back off, after 24 hours hourly")
  func backoff() {
    let early = Backoff.next(afterAttempts: 1, since: noon, now: noon, jitter: 1)
    #expect(early == noon.addingTimeInterval(4))
    let long = Backoff.next(afterAttempts: 60, since: noon, now: noon, jitter: 1)
    #expect(long == noon.addingTimeInterval(600))
    let late = Backoff.next(afterAttempts: 60, since: noon, now: day(2), jitter: 0)
    #expect(late == day(2).addingTimeInterval(3_600))
  }
}
