import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Merging subjects (decision 1)")
struct MergeTests {
  @Test(
    "Whoever signs in as the merged one is the survivor, and sees, extends and gives up what either holds")
  func signsIn() async throws {
    try await IntakeFixture.run { intake in
      let (ann, old) = (try await intake.person("ann"), try await intake.person("old"))
      let role = try await intake.put("auditor") {
        $0.roleAssignment = .with {
          ($0.subject, $0.role, $0.catalog) = (old.subject?.text ?? "", .catalogReader, intake.catalog.text)
        }
      }
      #expect(!role.id.isEmpty)
      let held = try await intake.submit(by: old)
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2)])
      #expect(try await merge(intake, old, into: ann).get().heldTwice.isEmpty)

      let caller = try await recognized(intake, "old")
      #expect(caller.subject == ann.subject && caller.merged == Set([old.subject].compactMap(\.self)))
      #expect(caller.roles.map(\.role) == [.catalogReader])
      #expect(try await recognized(intake, "ann").merged == caller.merged)
      #expect(try await listed(intake, by: caller) == [held.id])
      // Asking again, by the merged one's id or address, is asking for the same person.
      for ask in [
        intake.submission(by: intake.administrator()) { $0.targetSubject = old.subject },
        intake.submission(by: intake.administrator()) { $0.targetEmail = "old@fabrikam.example" },
        intake.submission(by: caller),
      ] {
        #expect(try await intake.submit([ask])[0].refusalCodes == [.openRequestExists])
      }
      intake.wait(.days(170))
      let more = try await intake.extend(held, by: caller).get()
      #expect(more.requestType == .userUpdate && more.target.subject == old.subject?.text)
      let end = try await intake.remove(held, by: caller).get()
      #expect(end.requestType == .userRemove && end.requestor == ann.subject?.text)
    }
  }

  @Test("Whatever policies and organizations let the merged one do, the survivor does")
  func answersFor() async throws {
    try await IntakeFixture.run { intake in
      let (ada, old, ann) = (
        try await intake.person("ada"), try await intake.person("old"), try await intake.person("ann")
      )
      try await intake.putOrganization { $0.externalSponsors = [old.subject?.text ?? ""] }
      try await intake.putPolicy {
        $0.requestorSettings.enableOnBehalfRequestorsToAddAccess = true
        $0.requestorSettings.onBehalfRequestors = [.with { $0.externalSponsors = .init() }]
      }
      let ask = { (caller: Principal) in
        try await intake.submit([intake.submission(by: caller) { $0.targetSubject = ann.subject }])[0]
      }
      #expect(try await ask(ada).refusalCodes == [.forbidden])
      _ = try await merge(intake, old, into: ada).get()
      let caller = try await recognized(intake, "ada")
      #expect(try await ask(caller).get().requestor == ada.subject?.text)
    }
  }

  @Test("What the merged one has accepted, the survivor has")
  func terms() async throws {
    try await IntakeFixture.run { intake in
      let terms = UUID()
      try await intake.put("agreement", id: terms) {
        ($0.terms.displayName, $0.terms.version, $0.terms.text) = ("Agreement", 1, "Do right.")
      }
      try await intake.putPolicy { $0.terms = [terms.text] }
      let (ann, old) = (try await intake.person("ann"), try await intake.person("old"))
      _ = try await intake.accept(AcceptedTerms(terms: terms, version: 1, language: ""), by: old)
      #expect(try await intake.submit([intake.submission(by: ann)])[0].refusalCodes == [.termsNotAccepted])
      _ = try await merge(intake, old, into: ann).get()
      #expect(try await intake.submit([intake.submission(by: ann)])[0].refusalCodes == [])
    }
  }

  @Test("What one of the two was assigned is in order once they are merged and the other one has accepted")
  func pendingTerms() async throws {
    try await IntakeFixture.run { intake in
      let terms = UUID()
      try await intake.put("agreement", id: terms) {
        ($0.terms.displayName, $0.terms.version, $0.terms.text) = ("Agreement", 1, "Do right.")
      }
      try await intake.putPolicy { $0.terms = [terms.text] }
      let accepted = AcceptedTerms(terms: terms, version: 1, language: "")
      for (accepts, name) in [(0, "ann"), (1, "ben")] {
        let pair = [try await intake.person("old-\(name)"), try await intake.person(name)]
        _ = try await intake.accept(accepted, by: pair[accepts])
        let assigned = try await intake.submit(by: intake.administrator()) {
          $0.targetSubject = pair[1 - accepts].subject
        }
        #expect(assigned.termsAcceptance == .pending)
        _ = try await merge(intake, pair[0], into: pair[1]).get()
        #expect(try await intake.request(assigned.id)?.request.terms == .accepted)
      }
    }
  }

  @Test("Two who are merged take one place of their organization's limit; two more do not fit")
  func guestLimit() async throws {
    try await IntakeFixture.run { intake in
      let other = try await intake.putAnotherPackage()
      let (ann, old) = (try await intake.person("ann"), try await intake.person("old"))
      let (ben, eve) = (try await intake.person("ben"), try await intake.person("eve"))
      _ = try await intake.submit(by: ann)
      _ = try await intake.submit(by: old) { $0.accessPackage = other }
      try await intake.putOrganization { $0.guestLimit = 2 }
      #expect(try await intake.submit([intake.submission(by: ben)])[0].refusalCodes == [.organizationFull])
      _ = try await merge(intake, old, into: ann).get()
      let answers = try await intake.submit([intake.submission(by: ben), intake.submission(by: eve)])
      #expect(answers.map(\.refusalCodes) == [[], [.organizationFull]])
    }
  }

  @Test("Whoever is counted by the subject that was merged into them takes no second place")
  func noSecondPlace() async throws {
    try await IntakeFixture.run { intake in
      let other = try await intake.putAnotherPackage()
      let (ann, old) = (try await intake.person("ann"), try await intake.person("old"))
      _ = try await intake.submit(by: old)
      try await intake.putOrganization { $0.guestLimit = 1 }
      let ask = intake.submission(by: ann) { $0.accessPackage = other }
      #expect(try await intake.submit([ask])[0].refusalCodes == [.organizationFull])
      _ = try await merge(intake, old, into: ann).get()
      #expect(try await intake.submit([ask])[0].refusalCodes == [])
    }
  }

  @Test("Held twice: told on trial and on merging; one ends when the merge is final, and the end comes once")
  func heldTwice() async throws {
    try await IntakeFixture.run { intake in
      let (ann, old) = (try await intake.person("ann"), try await intake.person("old"))
      let (own, longer) = (try await intake.submit(by: ann), try await intake.submit(by: old))
      try await intake.fold([
        intake.assignment(of: own, .delivered, version: 2, days: 30),
        intake.assignment(of: longer, .delivered, version: 2, days: 60),
      ])
      for isDryRun in [true, false] {
        let found = try await merge(intake, old, into: ann, isDryRun: isDryRun).get()
        #expect(found.heldTwice.map(\.kept.text) == [longer.id])
        #expect(found.heldTwice.map { $0.ended.map(\.text) } == [[own.id]])
        #expect(found.finalAt == intake.now + .days(7))
        #expect(try await mergedSubjects(intake) == (isDryRun ? 0 : 1))
      }
      let told = try await intake.told(.requestApproved)
      intake.wait(.days(6))
      try await intake.fireDeadlines()
      #expect(try await intake.told(.requestApproved) == told)
      intake.wait(.days(1))
      for _ in 0..<2 { try await intake.fireDeadlines() }
      #expect(try await intake.told(.requestApproved) == told + 1)
      let removals = try await intake.read { connection in
        try connection.values(
          "SELECT assignment FROM request WHERE kind = 'systemRemove' AND end_reason = 'heldTwice'",
          as: UUID.self)
      }
      #expect(removals.map(\.text) == [own.id])
      let late = try await refusalCodes { try await unmerge(intake, [old]) }
      #expect(late == [.outOfRange])
    }
  }

  @Test("Taken back in time nothing has ended, and both are as they were; merged anew, it counts anew")
  func undo() async throws {
    for wereLinked in [false, true] {
      try await IntakeFixture.run { intake in
        let (ann, old) = (try await intake.person("ann"), try await intake.person("old"))
        let (own, other) = (try await intake.submit(by: ann), try await intake.submit(by: old))
        if wereLinked { try await link(intake, [ann, old]) }
        _ = try await merge(intake, old, into: ann).get()
        let unlinking = try await refusalCodes {
          try await intake.commit { [tenant = intake.tenant, caller = intake.administrator()] work in
            try LinkSubjects.unlink(
              [try #require(ann.subject)], tenant: tenant, principal: caller, work)
          }
        }
        #expect(unlinking == [.inUse])
        intake.wait(.days(5))
        #expect(try await unmerge(intake, [old]) == 1)
        #expect(try await recognized(intake, "old").subject == old.subject)
        #expect(try await recognized(intake, "ann").merged.isEmpty)
        let people = try await subjects(intake, [ann, old])
        #expect(people.allSatisfy { ($0.person != nil) == wereLinked && $0.mergedInto == nil })
        intake.wait(.days(5))
        try await intake.fireDeadlines()
        for request in [own, other] {
          #expect(try await intake.request(request.id)?.request.state == .delivering)
        }
        #expect(try await merge(intake, ann, into: old).get().heldTwice.count == 1)
        intake.wait(.days(7))
        try await intake.fireDeadlines()
        let open = try await intake.read { connection in
          try connection.value("SELECT count(*) FROM request WHERE kind = 'systemRemove'", as: Int.self)
        }
        #expect(open == 1)
      }
    }
  }

  @Test(
    "Saving the merged one again, as files do, changes nothing of that; nobody is merged twice, or both ways")
  func rules() async throws {
    try await IntakeFixture.run { intake in
      var people: [Principal] = []
      for name in ["a", "b", "c", "d"] { people.append(try await intake.person(name)) }
      _ = try await merge(intake, people[1], into: people[0]).get()
      try await intake.putSubject {
        ($0.id, $0.email) = (people[1].subject?.text ?? "", "b@fabrikam.example")
        $0.organization = intake.organization.text
        $0.identities = [.with { ($0.issuer, $0.subject) = ("https://login.fabrikam.example", "b") }]
      }
      #expect(try await recognized(intake, "b").subject == people[0].subject)
      #expect(try await merge(intake, people[1], into: people[2]).refusalCodes == [.inUse])
      #expect(try await merge(intake, people[2], into: people[1]).refusalCodes == [.inUse])
      #expect(try await merge(intake, people[0], into: people[2]).refusalCodes == [.inUse])
      #expect(try await merge(intake, people[2], into: people[2]).refusalCodes == [.required])
      let member = try await intake.putSubject { ($0.email, $0.kind) = ("m@contoso.example", .member) }
      let ours = intake.guest("m", subject: UUID(text: member.id))
      #expect(try await merge(intake, people[2], into: ours).refusalCodes == [.outOfRange])
      #expect(try await merge(intake, people[3], into: people[0]).get().heldTwice.isEmpty)
      #expect(
        try await refusalCodes { try await merge(intake, people[2], into: people[0], by: people[0]).get() }
          == [.forbidden])
      #expect(try await mergedSubjects(intake) == 2)
    }
  }

  private func merge(
    _ intake: IntakeFixture, _ merged: Principal, into survivor: Principal, isDryRun: Bool = false,
    by principal: Principal? = nil
  ) async throws -> Result<MergeSubjects.Outcome, Refusal> {
    let caller = principal ?? intake.administrator()
    let merge = MergeSubjects.Merge(
      survivor: try #require(survivor.subject), merged: try #require(merged.subject))
    return try await intake.commit { [store = intake.store, tenant = intake.tenant] work in
      try MergeSubjects(store: store)([merge], isDryRun: isDryRun, tenant: tenant, principal: caller, work)
    }[0]
  }

  private func unmerge(_ intake: IntakeFixture, _ people: [Principal]) async throws -> Int {
    let (ids, caller) = (Set(people.compactMap(\.subject)), intake.administrator())
    return try await intake.commit { [tenant = intake.tenant] work in
      try MergeSubjects.undo(ids, tenant: tenant, principal: caller, work)
    }
  }

  private func link(_ intake: IntakeFixture, _ people: [Principal]) async throws {
    let (ids, caller) = (people.compactMap(\.subject), intake.administrator())
    _ = try await intake.commit { [store = intake.store, tenant = intake.tenant] work in
      try LinkSubjects(store: store)(
        [.init(subject: ids[0], linked: [ids[1]])], isDryRun: false, tenant: tenant, principal: caller, work)
    }
  }

  /// Who a sign-in is, as the services hear it.
  private func recognized(_ intake: IntakeFixture, _ name: String) async throws -> Principal {
    let signIn = SignIn(
      who: TenantIdentity(
        tenant: intake.tenant,
        identity: EntitlementModel.Identity(issuer: "https://login.fabrikam.example", subject: name)),
      issuersOrganization: intake.organization, isHome: false, provedEmail: nil)
    let found = try await intake.read { [store = intake.store] connection in
      try RecognizeSubjects(store: store)([signIn], on: connection).found[0]
    }
    let local = Principal(
      tenant: intake.tenant, subject: found.subject, organization: found.organization,
      issuer: "https://login.fabrikam.example", externalSubject: name, email: "\(name)@fabrikam.example",
      isMember: false, isOperator: false, roles: found.roles, merged: found.merged, expiresAt: .distantFuture)
    return try Principal(Vestibule_Api_V1_Principal(local))
  }

  private func listed(_ intake: IntakeFixture, by caller: Principal) async throws -> [String] {
    let reading = ReadRequests(store: intake.store)
    return try await intake.read { [tenant = intake.tenant] connection in
      try reading.list(
        .own, package: nil, tenant: tenant, page: PageRequest(after: nil, limit: 10), principal: caller,
        on: connection
      ).requests.map(\.id)
    }
  }

  private func subjects(_ intake: IntakeFixture, _ people: [Principal]) async throws -> [Subject] {
    let ids = people.compactMap(\.subject)
    return try await intake.read { [tenant = intake.tenant] connection in
      Array(try SubjectTable(connection: connection).find(ids, tenants: [tenant]).values)
    }
  }

  private func mergedSubjects(_ intake: IntakeFixture) async throws -> Int {
    try await intake.read { connection in
      try connection.value("SELECT count(*) FROM subject WHERE merged_into IS NOT NULL", as: Int.self)
    }
  }
}
