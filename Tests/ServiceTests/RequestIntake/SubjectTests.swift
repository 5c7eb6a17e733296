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

@Suite("People")
struct SubjectTests {
  @Test("Another address is told, the same again is not")
  func told() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      #expect(try await intake.told(.subjectChanged) == 0)
      for email in ["ann@fabrikam.example", "anna@fabrikam.example", "anna@fabrikam.example"] {
        try await intake.putSubject {
          ($0.id, $0.email, $0.displayName) = (ann.subject?.text ?? "", email, "ann@fabrikam.example")
        }
      }
      #expect(try await intake.told(.subjectChanged) == 1)
    }
  }

  @Test("Who gets a name is told, so that others can be asked about them")
  func introduced() async throws {
    try await IntakeFixture.run { intake in
      for name in ["", "ann", "ann"] {
        try await intake.putSubject { ($0.id, $0.name, $0.email) = (Self.ann, name, "ann@fabrikam.example") }
      }
      #expect(try await intake.told(.subjectChanged) == 1)
    }
  }

  private static let ann = UUID().text

  @Test("A member has a manager, everybody may have sponsors; others are told of both")
  func relations() async throws {
    try await IntakeFixture.run { intake in
      let boss = try await intake.putSubject { ($0.email, $0.kind) = ("boss@contoso.example", .member) }
      #expect(try await intake.told(.subjectChanged) == 0)
      let ada = try await intake.putSubject {
        ($0.email, $0.kind, $0.manager) = ("ada@contoso.example", .member, boss.id)
      }
      #expect(ada.manager == boss.id)
      let ben = try await intake.putSubject {
        ($0.email, $0.sponsors) = ("ben@fabrikam.example", [ada.id, boss.id])
      }
      #expect(try await intake.told(.subjectChanged) == 2)
      let read = try await intake.read { connection in
        try ReadSubjects().get(
          UUID(text: ben.id) ?? UUID(), tenant: intake.tenant, principal: intake.operatorPrincipal,
          on: connection)
      }
      #expect(read.sponsors == [ada.id, boss.id])
      try await intake.putSubject { ($0.id, $0.email, $0.sponsors) = (ben.id, ben.email, [ada.id]) }
      #expect(try await intake.told(.subjectChanged) == 3)
    }
  }

  @Test("Nobody is put above somebody from outside, nor above or in charge of themselves")
  func refusedRelations() async throws {
    try await IntakeFixture.run { intake in
      let boss = try await intake.putSubject { ($0.email, $0.kind) = ("boss@contoso.example", .member) }
      let rows: [(Reason.Code, (inout Vestibule_Model_V1_Subject) -> Void)] = [
        (.outOfRange, { $0.manager = boss.id }),
        (.unknownReference, { $0.sponsors = [UUID().text] }),
        (.outOfRange, { ($0.id, $0.sponsors) = (boss.id, [boss.id]) }),
        (.tooManyItems, { $0.sponsors = Array(repeating: boss.id, count: 6) }),
        (.outOfRange, { ($0.id, $0.kind, $0.manager) = (boss.id, .member, boss.id) }),
      ]
      for (code, change) in rows {
        let codes = try await refusalCodes {
          try await intake.putSubject {
            $0.email = "ben@fabrikam.example"
            change(&$0)
          }
        }
        #expect(codes == [code])
      }
    }
  }

  @Test("An identity is one person's, and an organization must exist")
  func rules() async throws {
    try await IntakeFixture.run { intake in
      _ = try await intake.person("ann")
      let taken = try await refusalCodes {
        try await intake.putSubject {
          $0.identities = [.with { ($0.issuer, $0.subject) = ("https://login.fabrikam.example", "ann") }]
        }
      }
      #expect(taken == [.sourceTaken])
      let unknown = try await refusalCodes {
        try await intake.putSubject { ($0.email, $0.organization) = ("b@fabrikam.example", UUID().text) }
      }
      #expect(unknown == [.unknownReference])
      let codes = try await refusalCodes { try await intake.putSubject { $0.displayName = "Nobody" } }
      #expect(codes == [.required])
    }
  }

  @Test("Another tenant's person is not there; the others of the batch are stored")
  func otherTenant() async throws {
    try await IntakeFixture.run { intake in
      let other = IntakeFixture(sharing: intake)
      try await other.configure()
      let stranger = try await other.person("stranger")
      let items = [stranger.subject?.text ?? "", ""].map { id in
        Vestibule_Model_V1_Subject.with {
          ($0.id, $0.email) = (id, "taken@fabrikam.example")
          $0.identities = [.with { ($0.issuer, $0.subject) = ("https://login.fabrikam.example", "x\(id)") }]
        }
      }
      let answers = try await intake.commit { work in
        try PutSubjects(store: intake.store)(
          items, tenant: intake.tenant, principal: intake.operatorPrincipal, work)
      }
      #expect(answers.map(\.refusalCodes) == [[.notFound], []])
      let identities = try await intake.read { connection in
        try connection.values("SELECT subject FROM subject_identity", as: String.self)
      }
      #expect(identities == ["x"])
      let kept = try await other.read { connection in
        try connection.values("SELECT email FROM subject", as: String.self)
      }
      #expect(kept == ["stranger@fabrikam.example"])
    }
  }

  @Test("A thousand people are read in pages, each once")
  func pages() async throws {
    try await IntakeFixture.run { intake in
      let people = (0..<1_000).map { index in
        Vestibule_Model_V1_Subject.with { $0.email = "p\(index)@fabrikam.example" }
      }
      for start in stride(from: 0, to: people.count, by: 500) {
        let answers = try await intake.commit { work in
          try PutSubjects(store: intake.store)(
            Array(people[start..<start + 500]), tenant: intake.tenant, principal: intake.operatorPrincipal,
            work)
        }
        #expect(answers.allSatisfy { (try? $0.get()) != nil })
      }
      var (seen, page): (Set<String>, PageRequest<UUID>?) = ([], PageRequest(limit: 300))
      while let ask = page {
        let found = try await intake.read { connection in
          try ReadSubjects().list(
            tenant: intake.tenant, page: ask, principal: intake.operatorPrincipal, on: connection)
        }
        #expect(seen.isDisjoint(with: found.map(\.id)))
        seen.formUnion(found.map(\.id))
        let last = found.last.flatMap { UUID(text: $0.id) }
        page = found.count < 300 ? nil : PageRequest(after: last, limit: 300)
      }
      #expect(seen.count == 1_000)
    }
  }

  @Test("Requests are listed in pages: one's own, and everybody's for administrators alone")
  func requestPages() async throws {
    try await IntakeFixture.run { intake in
      var items: [Submission] = []
      for index in 0..<25 { items.append(intake.submission(by: intake.guest("g\(index)"))) }
      _ = try await intake.submit(items)
      var (seen, key): ([String], RequestTable.Key?) = ([], nil)
      repeat {
        let ask = PageRequest(after: key, limit: 10)
        let (requests, next) = try await intake.read { connection in
          try ReadRequests(store: intake.store).list(
            .all, package: nil, tenant: intake.tenant, page: ask, principal: intake.administrator(),
            on: connection)
        }
        seen += requests.map(\.id)
        key = next
      } while key != nil
      #expect(Set(seen).count == 25)
      let forbidden = try await refusalCodes {
        try await intake.read { connection in
          try ReadRequests(store: intake.store).list(
            .all, package: nil, tenant: intake.tenant, page: PageRequest(limit: 10),
            principal: intake.guest("g1"),
            on: connection
          ).requests
        }
      }
      #expect(forbidden == [.forbidden])
    }
  }

  @Test(
    "A sign-in that proves the address takes over the person who is known by it alone",
    arguments: [true, false])
  func binding(_ proves: Bool) async throws {
    try await IntakeFixture.run { intake in
      let imported = try await intake.putSubject { $0.email = "Eve@fabrikam.example" }
      let recognition = SubjectRecognition(transactor: try intake.transactor(), store: intake.store)
      let signIn = SignIn(
        who: TenantIdentity(
          tenant: intake.tenant, identity: .init(issuer: "https://login.fabrikam.example", subject: "eve")),
        issuersOrganization: nil, isHome: false, provedEmail: proves ? "eve@fabrikam.example" : nil)
      let found = try await recognition(signIn)
      #expect(found.subject?.text == (proves ? imported.id : nil))
      #expect(found.organization == (proves ? intake.organization : nil))
    }
  }

  @Test("Roles and organization come from the tenant's own data")
  func recognition() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      try await intake.put("ann-owns") {
        $0.roleAssignment = .with {
          ($0.subject, $0.role, $0.catalog) = (ann.subject?.text ?? "", .catalogOwner, intake.catalog.text)
        }
      }
      let recognition = SubjectRecognition(transactor: try intake.transactor(), store: intake.store)
      let found = try await recognition(
        SignIn(
          who: TenantIdentity(
            tenant: intake.tenant, identity: .init(issuer: "https://login.fabrikam.example", subject: "ann")),
          issuersOrganization: intake.organization, isHome: false, provedEmail: nil))
      #expect(found.subject == ann.subject)
      #expect(found.roles == [GrantedRole(role: .catalogOwner, catalog: intake.catalog)])
      #expect(!found.isMember)
    }
  }
}
