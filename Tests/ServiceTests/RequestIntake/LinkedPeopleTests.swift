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

@Suite("People who are known twice (decision 1)")
struct LinkedPeopleTests {
  private let audits = UUID()

  @Test("One open request a person and package, whichever identity asks; in one batch and in another")
  func oneRequest() async throws {
    try await IntakeFixture.run { intake in
      let (ann, anna) = (try await intake.person("ann"), try await intake.person("anna"))
      #expect(try await link(intake, [ann, anna]) == [[]])
      let first = try await intake.submit(by: ann)
      let second = try await intake.submit([intake.submission(by: anna)])[0]
      #expect(second.refusalCodes == [.openRequestExists])
      if case .failure(let refusal) = second { #expect(refusal.reasons[0].hint == first.id) }
      #expect(try await unlink(intake, [anna]) == 2)
      #expect(try await intake.submit(by: anna).state == .delivering)

      let (cy, cyrus) = (try await intake.person("cy"), try await intake.person("cyrus"))
      #expect(try await link(intake, [cy, cyrus]) == [[]])
      let batch = try await intake.submit([intake.submission(by: cy), intake.submission(by: cyrus)])
      #expect(batch.map(\.refusalCodes) == [[], [.openRequestExists]])
    }
  }

  @Test("Packages that exclude each other, asked for at once by two identities: one is given")
  func separation() async throws {
    try await IntakeFixture.run { intake in
      try await separate(intake)
      for number in 0..<5 {
        let (one, other) = (try await intake.person("a\(number)"), try await intake.person("b\(number)"))
        #expect(try await link(intake, [one, other]) == [[]])
        let answers = try await withThrowingTaskGroup(of: [Reason.Code].self) { group in
          group.addTask { try await intake.submit([intake.submission(by: one)])[0].refusalCodes }
          group.addTask {
            try await intake.submit([intake.submission(by: other) { $0.accessPackage = audits }])[0]
              .refusalCodes
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count(where: \.isEmpty) == 1)
        #expect(answers.count { $0 == [.incompatibleAccess] } == 1)
      }
    }
  }

  @Test("What another identity holds, or a bar of it, stands in the way of more time, too")
  func extensions() async throws {
    try await IntakeFixture.run { intake in
      try await separate(intake)
      let (ann, anna) = (try await intake.person("ann"), try await intake.person("anna"))
      let held = try await intake.submit(by: ann)
      _ = try await intake.submit(by: anna) { $0.accessPackage = audits }
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2)])
      intake.wait(.days(170))
      _ = try await link(intake, [ann, anna])
      #expect(try await intake.extend(held, by: ann).refusalCodes == [.incompatibleAccess])
      try await say(.cutOff(reason: "x"), of: anna, intake)
      #expect(try await intake.extend(held, by: ann).refusalCodes == [.subjectBarred, .incompatibleAccess])
      _ = try await unlink(intake, [anna])
      try await say(.restore, of: ann, intake)
      #expect(try await intake.extend(held, by: ann).refusalCodes == [])
    }
  }

  @Test("On trial nothing changes; what one person then holds too much is told, and kept")
  func conflicts() async throws {
    try await IntakeFixture.run { intake in
      try await separate(intake)
      let (ann, anna) = (try await intake.person("ann"), try await intake.person("anna"))
      let files = try await intake.submit(by: ann)
      let other = try await intake.submit(by: anna) { $0.accessPackage = audits }
      for isDryRun in [true, false] {
        let found = try await link(intake, [ann, anna], isDryRun: isDryRun)[0]
        #expect(found.map { $0.assignments } == [[files.id, other.id]])
        #expect(try await linkedPeople(intake) == (isDryRun ? 0 : 2))
      }
      #expect(try await intake.request(files.id)?.request.state == .delivering)
      // Ann's and Anna's first states were not told; these are.
      #expect(try await intake.told(.subjectChanged) == 2)
      #expect(try await link(intake, [ann, anna]).count == 1)
      #expect(try await intake.told(.subjectChanged) == 2)
    }
  }

  @Test("Saving a person keeps the link; a third joins; two persons are not joined without unlinking")
  func joining() async throws {
    try await IntakeFixture.run { intake in
      var people: [Principal] = []
      for name in ["a", "b", "c", "d", "e"] { people.append(try await intake.person(name)) }
      _ = try await link(intake, [people[0], people[1]])
      try await intake.putSubject {
        ($0.id, $0.email, $0.organization) = (
          people[1].subject?.text ?? "", "new@fabrikam.example", intake.organization.text
        )
      }
      _ = try await link(intake, [people[1], people[2]])
      _ = try await link(intake, [people[3], people[4]])
      #expect(try await linkedPeople(intake) == 5)
      let codes = try await refusalCodes { try await link(intake, [people[0], people[3]]) }
      #expect(codes == [.inUse])
      #expect(try await unlink(intake, [people[4]]) == 2)
      #expect(try await linkedPeople(intake) == 3)
    }
  }

  @Test("Decision 6: who is barred or cut off is so by every identity, and restored by every one")
  func cutOff() async throws {
    try await IntakeFixture.run { intake in
      let (ann, anna) = (try await intake.person("ann"), try await intake.person("anna"))
      _ = try await link(intake, [ann, anna])
      let told = try await intake.told(.subjectChanged)
      try await say(.cutOff(reason: "stolen laptop"), of: ann, intake)
      #expect(try await intake.told(.subjectChanged) == told + 2)
      let ended = try await intake.read { try SessionTable(connection: $0).all(since: .distantPast) }
      #expect(Set(ended.map(\.subject)) == Set([ann, anna].compactMap(\.subject)))
      for person in [ann, anna] {
        #expect(try await refusalCodes { try await intake.submit(by: person) } == [.subjectBarred])
      }
      try await say(.restore, of: anna, intake)
      #expect(try await intake.submit(by: ann).state == .delivering)

      let (cy, cyrus) = (try await intake.person("cy"), try await intake.person("cyrus"))
      _ = try await link(intake, [cy, cyrus])
      try await intake.putSubject {
        ($0.id, $0.email, $0.organization) = (
          cy.subject?.text ?? "", "cy@fabrikam.example", intake.organization.text
        )
        $0.bar.reason = "x"
      }
      #expect(try await refusalCodes { try await intake.submit(by: cyrus) } == [.subjectBarred])
    }
  }

  @Test("Decision 1: another address is judged by the list of domains from then on, and makes nobody else")
  func addresses() async throws {
    try await IntakeFixture.run { intake in
      try await intake.put("domains") {
        $0.domainList = .with { ($0.mode, $0.domains) = (.deny, ["denied.example"]) }
      }
      let ann = try await intake.person("ann")
      let held = try await intake.submit(by: ann)
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2)])
      try await intake.putSubject {
        ($0.id, $0.email) = (ann.subject?.text ?? "", "ann@denied.example")
        $0.identities = [.with { ($0.issuer, $0.subject) = ("https://login.fabrikam.example", "ann") }]
      }
      intake.wait(.days(170))
      #expect(try await intake.extend(held, by: ann).refusalCodes == [.domainDenied])
      let again = try await intake.read { connection in
        try SubjectTable(connection: connection).find([
          TenantIdentity(
            tenant: intake.tenant,
            identity: Identity(issuer: "https://login.fabrikam.example", subject: "ann"))
        ])
      }
      #expect(again.values.map(\.id) == [ann.subject])
    }
  }

  @Test("Nobody is their own administrator: not by an address, nor for another of their identities")
  func ownAssignment() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      for (own, other) in [("ann", "ann"), ("ben", "benno")] {
        let person = try await intake.person(own)
        let linked = own == other ? person : try await intake.person(other)
        if own != other { _ = try await link(intake, [person, linked]) }
        let boss = intake.administrator([GrantedRole(role: .tenantAdministrator)], as: person.subject)
        let address = "\(other)@fabrikam.example"
        let adopted = intake.submission(by: boss) { ($0.targetEmail, $0.adoptsGuest) = (address, true) }
        #expect(try await intake.submit([adopted])[0].refusalCodes == [.forbidden])
        let asked = try await intake.submit(by: boss) { $0.targetEmail = address }
        #expect(asked.requestType == .userAdd && asked.state == .pendingApproval)
        // What waits is not overtaken, as it would be by an administrator.
        let again = intake.submission(by: boss) { $0.targetSubject = linked.subject }
        #expect(try await intake.submit([again])[0].refusalCodes == [.openRequestExists])
      }
      let cy = try await intake.person("cy")
      let byOther = try await intake.submit(by: intake.administrator()) { $0.targetSubject = cy.subject }
      #expect(byOther.requestType == .adminAdd && byOther.state == .delivering)
    }
  }

  @Test("A sign-in that is nobody yet does not assign to its own address, nor does anybody name two people")
  func ownAddress() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let boss = Principal(
        tenant: intake.tenant, subject: nil, organization: intake.organization,
        issuer: "https://login.contoso.example", externalSubject: "boss", email: "Boss@fabrikam.example",
        isMember: false, isOperator: false, roles: [GrantedRole(role: .tenantAdministrator)],
        expiresAt: .distantFuture)
      let asked = try await intake.submit(by: boss) { $0.targetEmail = "boss@fabrikam.example" }
      #expect(asked.requestType == .userAdd && asked.state == .pendingApproval)

      let ann = try await intake.person("ann")
      let refused = #expect(throws: Refusal.self) {
        try Submission(
          .with {
            ($0.accessPackage, $0.targetSubject) = (intake.package.text, ann.subject?.text ?? "")
            $0.targetEmail = "ben@fabrikam.example"
          }, by: intake.administrator())
      }
      #expect(refused?.reasons.map(\.field) == ["target_email"])
    }
  }

  @Test("Decision 6: barred by one identity, a person does nothing for others by another")
  func barredElsewhere() async throws {
    try await IntakeFixture.run { intake in
      let (ada, adele) = (try await intake.person("ada"), try await intake.person("adele"))
      let (ann, ben) = (try await intake.person("ann"), try await intake.person("ben"))
      try await intake.putOrganization { $0.externalSponsors = [ada.subject?.text ?? ""] }
      try await intake.putPolicy {
        $0.requestorSettings = .with {
          ($0.enableTargetsToSelfAddAccess, $0.enableTargetsToSelfUpdateAccess) = (true, true)
          $0.enableOnBehalfRequestorsToAddAccess = true
          $0.enableOnBehalfRequestorsToUpdateAccess = true
          $0.enableOnBehalfRequestorsToRemoveAccess = true
          $0.onBehalfRequestors = [.with { $0.externalSponsors = .init() }]
        }
      }
      let held = try await intake.submit(by: ann)
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2)])
      intake.wait(.days(170))
      _ = try await link(intake, [ada, adele])
      func bar(_ reason: String) async throws {
        try await intake.putSubject {
          ($0.id, $0.email) = (adele.subject?.text ?? "", "adele@fabrikam.example")
          ($0.organization, $0.bar.reason) = (intake.organization.text, reason)
          if reason.isEmpty { $0.clearBar() }
        }
      }
      func update() async throws -> RequestAnswers.Answer {
        let item = AnswersUpdate(ask: try intake.ask(held, by: ada))
        return try await intake.commit { [store = intake.store] in
          try UpdateAnswers(store: store)([item], $0)
        }[0]
      }
      func end() async throws -> [Reason.Code] {
        try await refusalCodes { try await intake.end(.with { $0.id = ben.subject?.text ?? "" }, by: ada) }
      }
      try await bar("Under suspicion")
      let ask = intake.submission(by: ada) { $0.targetSubject = ben.subject }
      #expect(try await intake.submit([ask])[0].refusalCodes == [.subjectBarred])
      #expect(try await intake.extend(held, by: ada).refusalCodes == [.subjectBarred])
      #expect(try await update().refusalCodes == [.subjectBarred])
      #expect(try await intake.remove(held, by: ada).refusalCodes == [.subjectBarred])
      #expect(try await end() == [.forbidden])
      try await bar("")
      #expect(try await intake.submit([ask])[0].refusalCodes == [])
      #expect(try await update().refusalCodes == [.answersUnchanged])
      #expect(try await intake.remove(held, by: ada).refusalCodes == [])
      #expect(try await end() == [])
    }
  }

  @Test("Only administrators link, only people of their tenant, and more than one")
  func permissions() async throws {
    try await IntakeFixture.run { intake in
      let other = IntakeFixture(sharing: intake)
      try await other.configure()
      let (ann, anna) = (try await intake.person("ann"), try await intake.person("anna"))
      let stranger = try await other.person("stranger")
      #expect(try await refusalCodes { try await link(intake, [ann, anna], by: ann) } == [.forbidden])
      #expect(try await refusalCodes { try await link(intake, [ann, stranger]) } == [.notFound])
      #expect(try await refusalCodes { try await link(intake, [ann]) } == [.required])
      #expect(try await linkedPeople(intake) == 0)
    }
  }

  private func separate(_ intake: IntakeFixture) async throws {
    try await intake.put("audits", id: audits) {
      $0.accessPackage = .with {
        ($0.catalog, $0.displayName) = (intake.catalog.text, "Audits")
        $0.incompatibleAccessPackages = [.with { $0.accessPackage = intake.package.text }]
      }
    }
    try await intake.putPolicy("audits", id: UUID()) { $0.accessPackage = audits.text }
  }

  /// - Returns: the conflicts of the one link.
  private func link(
    _ intake: IntakeFixture, _ people: [Principal], isDryRun: Bool = false, by principal: Principal? = nil
  ) async throws -> [[LinkSubjects.Conflict]] {
    let ids = people.compactMap(\.subject)
    let link = LinkSubjects.Link(subject: ids[0], linked: Array(ids.dropFirst()))
    let caller = principal ?? intake.administrator()
    return try await intake.commit { [store = intake.store, tenant = intake.tenant] work in
      try LinkSubjects(store: store)([link], isDryRun: isDryRun, tenant: tenant, principal: caller, work)
    }.map { try $0.get() }
  }

  @Test("Whom a link brings into conflict with a group is told, and so is the report by whatever identity")
  func groupConflicts() async throws {
    try await IntakeFixture.run { intake in
      let (ann, anna) = (try await intake.person("ann"), try await intake.person("anna"))
      try await intake.putRoles([])
      try await intake.put("suppliers", id: intake.package) {
        $0.accessPackage = .with {
          ($0.catalog, $0.displayName) = (intake.catalog.text, "Suppliers")
          $0.incompatibleGroups = [.with { $0.group = intake.resource.text }]
        }
      }
      try await intake.group("files", anna, isMember: true, version: 1)
      let held = try await intake.submit(by: ann)
      #expect(try await reported(intake).isEmpty)
      let found = try await link(intake, [ann, anna])
      #expect(found.joined().map(\.other) == [.group(intake.resource)])
      #expect(try await reported(intake) == [held.target.subject])
    }
  }

  @Test("The report of two packages names a person who holds one by one identity and one by another")
  func packageConflicts() async throws {
    try await IntakeFixture.run { intake in
      let (ann, anna, other) = (try await intake.person("ann"), try await intake.person("anna"), UUID())
      try await intake.put("other", id: other) {
        $0.accessPackage = .with { ($0.catalog, $0.displayName) = (intake.catalog.text, "Other") }
      }
      try await intake.putPolicy("other", id: UUID()) { $0.accessPackage = other.text }
      let first = try await intake.submit(by: ann)
      let second = try await intake.submit(by: anna) { $0.accessPackage = other }
      func report() async throws -> [[String]] {
        try await intake.read {
          [
            store = intake.store, package = intake.package, tenant = intake.tenant,
            caller = intake.administrator()
          ] connection in
          try ReadRequests(store: store).additionalAccess(
            package, other, tenant: tenant, page: PageRequest(after: nil, limit: 10), principal: caller,
            on: connection
          ).map { [$0.assignment, $0.incompatibleAssignment] }
        }
      }
      #expect(try await report().isEmpty)
      _ = try await link(intake, [ann, anna])
      #expect(try await report() == [[first.id, second.id]])
    }
  }

  private func reported(_ intake: IntakeFixture) async throws -> [String] {
    try await intake.read {
      [
        store = intake.store, package = intake.package, group = intake.resource, tenant = intake.tenant,
        caller = intake.administrator()
      ] connection in
      try ReadRequests(store: store).additionalAccess(
        package, group: group, tenant: tenant, page: PageRequest(after: nil, limit: 10), principal: caller,
        on: connection
      ).map(\.target.subject)
    }
  }

  private func unlink(_ intake: IntakeFixture, _ people: [Principal]) async throws -> Int {
    let (ids, caller) = (Set(people.compactMap(\.subject)), intake.administrator())
    return try await intake.commit { [tenant = intake.tenant] work in
      try LinkSubjects.unlink(ids, tenant: tenant, principal: caller, work)
    }
  }

  private func say(_ word: CutOffSubject.Word, of person: Principal, _ intake: IntakeFixture) async throws {
    let (id, caller) = (try #require(person.subject), intake.administrator())
    _ = try await intake.commit { [tenant = intake.tenant] work in
      try CutOffSubject()(id, word, tenant: tenant, principal: caller, work).get()
    }
  }

  private func linkedPeople(_ intake: IntakeFixture) async throws -> Int {
    try await intake.read { connection in
      try connection.value("SELECT count(*) FROM subject WHERE person IS NOT NULL", as: Int.self)
    }
  }
}

extension LinkSubjects.Conflict {
  fileprivate var assignments: Set<String> {
    switch other {
    case .package(_, let other): [assignment.text, other.text]
    case .group: [assignment.text]
    }
  }
}
