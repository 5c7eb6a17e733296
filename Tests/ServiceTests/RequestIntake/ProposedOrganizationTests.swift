import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import SwiftProtobuf
import Testing
import TestSupport

@testable import Messaging
@testable import RequestIntake

@Suite("Proposed organizations")
struct ProposedOrganizationTests {
  private static let northwind = IdentitySource.issuer("https://login.example/northwind")

  @Test("The first person of an unknown organization makes it known; the next belong to it; it is told")
  func proposal() async throws {
    try await openToAll { intake in
      let first = try await intake.submit(by: stranger(intake, "ann"))
      let second = try await intake.submit(by: stranger(intake, "bea"))
      let proposed = try #require(try await proposals(intake).first)
      #expect(try await proposals(intake).count == 1)
      #expect([first, second].map(\.organization) == [proposed.id, proposed.id])
      #expect(proposed.connectedOrganization.displayName == "northwind.example")
      #expect(proposed.connectedOrganization.proposedAt == Google_Protobuf_Timestamp(intake.now))
      // Fabrikam, and this one.
      #expect(try await intake.told(.organizationChanged) == 2)
    }
  }

  @Test("Of twenty at once, in as many copies, all belong to the one that is made")
  func atOnce() async throws {
    try await openToAll { intake in
      let made = try await withThrowingTaskGroup(of: String.self) { group in
        for number in 0..<20 {
          group.addTask { try await intake.submit(by: stranger(intake, "p\(number)")).organization }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(try await proposals(intake).map(\.id) == Array(made))
    }
  }

  @Test("By issuer before domain: two domains of one issuer are one, one domain in two issuers are two")
  func keys() async throws {
    try await openToAll { intake in
      let other = IdentitySource.issuer("https://login.example/other")
      let people = [
        stranger(intake, "ann"), stranger(intake, "bea", domain: "sub.example"),
        stranger(intake, "cy", from: other),
      ]
      let made = try await intake.submit(people.map { intake.submission(by: $0) }).map {
        try $0.get().organization
      }
      #expect(made[0] == made[1] && made[0] != made[2])
      #expect(try await proposals(intake).count == 2)
    }
  }

  @Test("Who comes from a mail provider is an individual; the tenant names more of them")
  func individuals() async throws {
    try await openToAll { intake in
      try await intake.put("contoso") {
        $0.tenantSettings = .with {
          ($0.displayName, $0.publicMailDomains) = ("Contoso", ["Freemail.example"])
        }
      }
      for domain in ["gmail.com", "freemail.example"] {
        let source = try IdentitySource.domain(#require(DomainName(domain)), includeSubdomains: false)
        let request = try await intake.submit(
          by: stranger(intake, "ann-\(domain.count)", domain: domain, from: source))
        #expect(request.organization.isEmpty)
      }
      #expect(try await intake.submit(by: stranger(intake, "unproved", from: nil)).organization.isEmpty)
      #expect(try await proposals(intake).isEmpty)
    }
  }

  @Test("A refused request makes none")
  func refused() async throws {
    try await openToAll { intake in
      try await requireApproval(intake) {
        $0.questions = [
          .with { ($0.id, $0.text, $0.isRequired, $0.textInput) = ("why", "Why?", true, .init()) }
        ]
      }
      let codes = try await refusalCodes { try await intake.submit(by: stranger(intake, "ann")) }
      #expect(codes == [.answerRequired])
      #expect(try await proposals(intake).isEmpty)
    }
  }

  @Test("Policies for all configured organizations mean it once it is configured")
  func configured() async throws {
    try await openToAll { intake in
      _ = try await intake.submit(by: stranger(intake, "ann"))
      try await intake.putPolicy {
        $0.allowedTargetScope = .allConfiguredConnectedOrganizationUsers
        $0.specificAllowedTargets = []
      }
      let bea = stranger(intake, "bea")
      #expect(try await refusalCodes { try await intake.submit(by: bea) } == [.policyNotMatched])
      try await save(intake) { $0.state = .configured }
      #expect(try await intake.submit(by: bea).state == .delivering)
    }
  }

  @Test("Administrators and sponsors know it by the issuer at which its people sign in")
  func bySignIn() async throws {
    try await openToAll { intake in
      _ = try await intake.submit(by: stranger(intake, "ann"))
      let sponsor = try await intake.person("sue")
      try await save(intake) {
        ($0.state, $0.internalSponsors) = (.configured, [sponsor.subject?.text ?? ""])
      }
      try await intake.putPolicy {
        ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allConfiguredConnectedOrganizationUsers, [])
      }
      let bea = try await intake.putSubject {
        $0.email = "bea@northwind.example"
        $0.identities = [.with { ($0.issuer, $0.subject) = ("https://login.example/northwind", "bea") }]
      }
      let person = try #require(UUID(text: bea.id))
      let request = try await intake.submit(by: intake.administrator()) { $0.targetSubject = person }
      #expect(request.organization == (try await proposals(intake).first?.id))
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      intake.wait(.days(1))
      #expect(try await intake.extend(request, by: intake.administrator()).refusalCodes == [])
      try await intake.end(bea, by: sponsor)
    }
  }

  @Test("A rejected one is refused, whoever asks and however the caller was remembered")
  func rejected() async throws {
    try await openToAll { intake in
      let ann = try await intake.submit(by: stranger(intake, "ann"))
      try await save(intake) { $0.state = .ended }
      while try await endPage(intake) {}
      let codes = try await refusalCodes { try await intake.submit(by: stranger(intake, "bea")) }
      #expect(codes == [.organizationEnded])
      #expect(try await intake.request(ann.id)?.request.state == .canceled)
      intake.wait(.days(40))
      try await intake.fireDeadlines()
      let later = try await refusalCodes { try await intake.submit(by: stranger(intake, "cy")) }
      #expect(later == [.organizationEnded])

      try await save(intake) { $0.state = .configured }
      #expect(try await intake.submit(by: stranger(intake, "cy")).organization == ann.organization)
      try await save(intake) { $0.state = .ended }
      while try await endPage(intake) {}
      let rejected = try #require(UUID(text: ann.organization))
      try await intake.delete(rejected)
      let anew = try await intake.submit(by: stranger(intake, "dan"))
      #expect(!anew.organization.isEmpty && anew.organization != ann.organization)
    }
  }

  @Test("One of which nothing was approved is deleted after 30 days, and can be proposed anew")
  func collected() async throws {
    try await openToAll { intake in
      let asked = try await intake.submit(by: stranger(intake, "ann"))
      let (first, wait) = (try #require(try await proposals(intake).first), try #require(Period(iso: "PT1M")))
      intake.wait(.days(30))
      intake.wait(wait)
      try await intake.fireDeadlines()
      #expect(try await proposals(intake).map(\.id) == [first.id])
      try await intake.decide(asked, .denied)
      intake.wait(.days(1))
      try await intake.fireDeadlines()
      #expect(try await proposals(intake).isEmpty)
      let again = try await intake.submit(
        by: stranger(intake, "ann", subject: UUID(text: asked.target.subject)))
      #expect(try await proposals(intake).map(\.id) == [again.organization])
      #expect(again.organization != first.id)
    }
  }

  @Test("One of which something was approved stays, though that has ended since")
  func kept() async throws {
    try await openToAll { intake in
      let made = try await intake.submit(by: stranger(intake, "ann"))
      try await intake.decide(made, .approved)
      try await intake.fold([intake.assignment(of: made, .delivered, version: 2)])
      try await intake.fold([intake.assignment(of: made, .expired, version: 3)])
      intake.wait(.days(31))
      try await intake.fireDeadlines()
      #expect(try await proposals(intake).map(\.id) == [made.organization])
    }
  }

  private func openToAll(_ body: (IntakeFixture) async throws -> Void) async throws {
    try await IntakeFixture.run { intake in
      try await requireApproval(intake)
      try await body(intake)
    }
  }

  private func requireApproval(
    _ intake: IntakeFixture, _ change: (inout Vestibule_Model_V1_AssignmentPolicy) -> Void = { _ in }
  ) async throws {
    let approver = try await intake.putSubject { $0.email = "approver@contoso.example" }
    try await intake.putPolicy {
      $0.allowedTargetScope = .allExternalUsers
      $0.specificAllowedTargets = []
      $0.requestApprovalSettings = .with {
        $0.isApprovalRequiredForAdd = true
        $0.stages = [
          .with {
            $0.durationBeforeAutomaticDenial = "P60D"
            $0.primaryApprovers = [.with { $0.singleUser.subject = approver.id }]
          }
        ]
      }
      change(&$0)
    }
  }

  private func stranger(
    _ intake: IntakeFixture, _ name: String, domain: String = "northwind.example",
    from source: IdentitySource? = Self.northwind, subject: UUID? = nil
  ) -> Principal {
    Principal(
      tenant: intake.tenant, subject: subject, organization: nil, issuer: "https://login.example",
      externalSubject: name,
      email: "\(name)@\(domain)", isMember: false, isOperator: false, roles: [], organizationSource: source,
      expiresAt: .distantFuture)
  }

  private func proposals(_ intake: IntakeFixture) async throws -> [Vestibule_Model_V1_ConfigurationObject] {
    try await intake.read { [store = intake.store, tenant = intake.tenant] connection in
      let configuration = try store.load([tenant], on: connection).tenants[tenant]
      return (configuration?.objects.values ?? [:].values).map(\.object).filter {
        $0.kind == .connectedOrganization && $0.connectedOrganization.hasProposedAt
      }
    }
  }

  private func save(
    _ intake: IntakeFixture, _ change: (inout Vestibule_Model_V1_ConnectedOrganization) -> Void
  ) async throws {
    let object = try #require(try await proposals(intake).first)
    try await intake.put(object.name, id: UUID(text: object.id)) {
      $0.connectedOrganization = object.connectedOrganization
      change(&$0.connectedOrganization)
    }
  }

  private func endPage(_ intake: IntakeFixture) async throws -> Bool {
    try await intake.transactor().commit(tenants: []) { [store = intake.store] work in
      try EndAccessOfOrganizations(store: store)(work)
    }
  }
}
