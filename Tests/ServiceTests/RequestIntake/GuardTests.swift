import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import RequestIntake

@Suite("Guards: what waits for a second administrator")
struct GuardTests {
  @Test(
    "Decision 17: what widens a privileged package waits, and takes effect when another administrator confirms"
  )
  func widening() async throws {
    try await IntakeFixture.run { intake in
      try await intake.markPrivileged()
      let id = try await intake.waiting { try await intake.forAllOrganizations() }
      #expect(try await intake.scope() == .specificConnectedOrganizationUsers)
      // Asked again it is the same.
      #expect(try await intake.waiting { try await intake.forAllOrganizations() } == id)
      #expect(
        try await refusalCodes { try await intake.confirm(id, by: intake.operatorPrincipal) } == [.ownChange])
      #expect(
        try await refusalCodes { try await intake.confirm(id, by: intake.guest("ann")) } == [.forbidden])
      let confirmed = try await intake.confirm(id, by: intake.administrator())
      #expect(confirmed.confirmation.state == .confirmed)
      #expect(confirmed.confirmation.widens == [.audienceWider])
      #expect(try await intake.scope() == .allConfiguredConnectedOrganizationUsers)
      #expect(
        try await refusalCodes { try await intake.confirm(id, by: intake.administrator()) } == [
          .alreadyDecided
        ])
    }
  }

  @Test("Decision 17: without a privileged resource nothing waits; unmarking one does, held or not")
  func unmarking() async throws {
    try await IntakeFixture.run { intake in
      try await intake.forAllOrganizations()
      #expect(try await intake.scope() == .allConfiguredConnectedOrganizationUsers)
      try await intake.markPrivileged()
      _ = try await intake.waiting { try await intake.markPrivileged(false) }
      try await intake.markPrivileged(roles: ["member", "owner"])
      _ = try await intake.waiting { try await intake.putRoles(["member", "owner"]) }
      try await intake.putRoles([])
      // Held by nothing: the next package would hold it unseen.
      _ = try await intake.waiting { try await intake.markPrivileged(false) }
      _ = try await intake.waiting { try await intake.delete(intake.resource) }
      let id = try await intake.waiting {
        try await intake.put("files", id: intake.resource) {
          $0.resource = .with {
            ($0.catalog, $0.displayName, $0.kind) = (intake.catalog.text, "Files", .group)
            ($0.originSystem, $0.originID, $0.roles) = ("directory", "elsewhere", ["member"])
            $0.privileged = true
          }
        }
      }
      #expect(try await intake.confirmation(id)?.confirmation.widens == [.privilegeRemoved])
    }
  }

  @Test("Decision 17: another name for what is privileged, or a resource moved there, is no way around it")
  func aliases() async throws {
    try await IntakeFixture.run { intake in
      let vault = try await intake.putResource("vault", origin: "vault", by: intake.operatorPrincipal)
      let alias = try await intake.putResource("alias", origin: "vault", by: intake.operatorPrincipal)
      try await intake.put("vault", id: UUID(text: vault.id)) {
        $0.resource = vault.resource
        $0.resource.privileged = true
      }
      _ = try await intake.waiting {
        try await intake.put("suppliers", id: intake.package) {
          $0.accessPackage = .with {
            ($0.catalog, $0.displayName) = (intake.catalog.text, "Suppliers")
            $0.resourceRoles = [
              .with { ($0.resource, $0.role) = (intake.resource.text, "member") },
              .with { ($0.resource, $0.role) = (alias.id, "reader") },
            ]
          }
        }
      }
      let moved = try await refusalCodes {
        try await intake.put("files", id: intake.resource) {
          $0.resource = .with {
            ($0.catalog, $0.displayName, $0.kind) = (intake.catalog.text, "Files", .group)
            ($0.originSystem, $0.originID, $0.roles) = ("directory", "vault", ["member"])
          }
        }
      }
      #expect(moved == [.inUse])
    }
  }

  @Test("A change meanwhile makes it void; a rejection and its time end it")
  func overtaken() async throws {
    try await IntakeFixture.run { intake in
      try await intake.markPrivileged()
      let first = try await intake.waiting { try await intake.forAllOrganizations() }
      try await intake.putPolicy { $0.description_p = "Changed meanwhile" }
      #expect(try await intake.confirm(first, by: intake.administrator()).confirmation.state == .void)
      #expect(try await intake.scope() == .specificConnectedOrganizationUsers)

      let second = try await intake.waiting { try await intake.forAllOrganizations() }
      #expect(second != first)
      _ = try await intake.reject(second)
      #expect(
        try await refusalCodes { try await intake.confirm(second, by: intake.administrator()) } == [
          .alreadyDecided
        ])

      let third = try await intake.waiting { try await intake.forAllOrganizations() }
      intake.wait(.days(7))
      #expect(
        try await refusalCodes { try await intake.confirm(third, by: intake.administrator()) } == [
          .confirmationExpired
        ])
      try await intake.fireDeadlines()
      try await intake.fireDeadlines()
      #expect(try await intake.pending().isEmpty)
      #expect(try await intake.told(.confirmationDecided) == 3)
      #expect(try await intake.confirmation(third)?.confirmation.state == .expired)
      #expect(try await intake.waiting { try await intake.forAllOrganizations() } != third)
    }
  }

  @Test("Twenty who confirm at once apply it once")
  func race() async throws {
    try await IntakeFixture.run { intake in
      try await intake.markPrivileged()
      let id = try await intake.waiting { try await intake.forAllOrganizations() }
      let told = try await intake.told(.policyChanged)
      let answers = try await withThrowingTaskGroup(of: [Reason.Code].self) { group in
        for _ in 0..<20 {
          group.addTask {
            try await refusalCodes { try await intake.confirm(id, by: intake.administrator()) }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.count(where: \.isEmpty) == 1)
      #expect(answers.count { $0 == [.alreadyDecided] } == 19)
      #expect(try await intake.told(.policyChanged) == told + 1)
    }
  }

  @Test("The asker's other identity, and an identity that became theirs since, do not confirm")
  func samePerson() async throws {
    try await IntakeFixture.run { intake in
      try await intake.markPrivileged()
      let boss = GrantedRole(role: .tenantAdministrator)
      let asker = intake.administrator([boss])
      let id = try await intake.waiting { try await intake.forAllOrganizations(by: asker) }
      let grace = try await intake.putSubject {
        ($0.email, $0.kind) = ("grace@contoso.example", .member)
        $0.identities = [
          .with { ($0.issuer, $0.subject) = (asker.issuer, asker.externalSubject) },
          .with { ($0.issuer, $0.subject) = ("https://other.example", "grace") },
        ]
      }
      let other = Principal(
        tenant: intake.tenant, subject: UUID(text: grace.id), organization: nil,
        issuer: "https://other.example",
        externalSubject: "grace", email: nil, isMember: true, isOperator: false, roles: [boss],
        expiresAt: .distantFuture)
      #expect(try await refusalCodes { try await intake.confirm(id, by: other) } == [.ownChange])
      // Nor does a subject that administrators have linked to theirs.
      let gina = try await intake.putSubject { ($0.email, $0.kind) = ("gina@contoso.example", .member) }
      let (graceID, ginaID) = (try #require(UUID(text: grace.id)), try #require(UUID(text: gina.id)))
      let linked = Principal(
        tenant: intake.tenant, subject: ginaID, organization: nil, issuer: "https://third.example",
        externalSubject: "gina", email: nil, isMember: true, isOperator: false, roles: [boss],
        expiresAt: .distantFuture)
      _ = try await intake.commit {
        [store = intake.store, tenant = intake.tenant, caller = intake.operatorPrincipal] in
        try LinkSubjects(store: store)(
          [LinkSubjects.Link(subject: graceID, linked: [ginaID])], isDryRun: false, tenant: tenant,
          principal: caller, $0)
      }
      #expect(try await refusalCodes { try await intake.confirm(id, by: linked) } == [.ownChange])
      _ = try await intake.confirm(id, by: intake.operatorPrincipal)
    }
  }

  @Test("Decision 26: an end of 60 people waits for whoever saw the dry run; then it ends them")
  func organizationEnd() async throws {
    try await IntakeFixture.run { intake in
      try await intake.grant(60)
      let id = try await intake.waiting { try await intake.putOrganization { $0.state = .ended } }
      let look = try await intake.look(id)
      #expect(look.people.count == 60)
      #expect(look.stored.confirmation.sample.count == PendingConfirmation.sampleSize)
      #expect(
        try await refusalCodes { try await intake.confirm(id, seen: 59, by: intake.administrator()) } == [
          .dryRunOutdated
        ])
      _ = try await intake.confirm(id, seen: 60, by: intake.administrator())
      #expect(
        try await refusalCodes { try await intake.submit(by: intake.guest("late")) } == [.organizationEnded])
    }
  }

  @Test("Decision 26: small changes add up over an hour; nobody counts twice, and natural ends do not count")
  func accumulation() async throws {
    try await IntakeFixture.run { intake in
      let requests = try await intake.grant(60)
      let admin = intake.administrator()
      let first = try await intake.remove(requests[..<30], by: admin)
      let more = try await intake.remove(requests[30..<50], by: admin)
      #expect((first + more).allSatisfy { $0.refusalCodes.isEmpty })
      // What has been counted is not counted again.
      #expect(try await intake.remove(requests[..<1], by: admin)[0].refusalCodes.isEmpty)
      let over = try await intake.remove(requests[50..<52], by: admin)
      #expect(over.map(\.refusalCodes) == [[.confirmationRequired], [.confirmationRequired]])
      let waiting = try #require(try await intake.pending().first)
      #expect(waiting.confirmation.people == 2)
      // People go by themselves all the same.
      let own = try await intake.ownRemoval(requests[59])
      #expect(own.refusalCodes.isEmpty)
      _ = try await intake.confirm(waiting.confirmation.id, seen: 2, by: intake.secondAdministrator)
      #expect(try await intake.told(.requestApproved) == 60 + 50 + 1 + 2)
      intake.wait(try #require(Period(iso: "PT1H1M")))
      #expect(try await intake.remove(requests[52..<58], by: admin).allSatisfy { $0.refusalCodes.isEmpty })
    }
  }

  @Test("Removals that wait are made for those whose access lasts, though that of some has ended meanwhile")
  func removalsThatEndedMeanwhile() async throws {
    try await IntakeFixture.run { intake in
      let requests = try await intake.grant(60)
      let answers = try await intake.remove(requests[...], by: intake.administrator())
      let id = try await intake.waiting { try answers[0].get() }
      #expect(try await intake.look(id).people.count == 60)
      _ = try await intake.ownRemoval(requests[0]).get()
      try await intake.fold(requests[..<2].map { intake.assignment(of: $0, .expired, version: 3) })
      #expect(try await intake.look(id).people.count == 58)
      let confirmed = try await intake.confirm(id, seen: 58, by: intake.secondAdministrator)
      #expect(confirmed.confirmation.state == .confirmed)
      #expect(try await intake.count(.adminRemove) == 58)
    }
  }

  @Test("Decision 26: of sixty removals at once, each a call of its own, fifty are made and ten wait")
  func accumulationAtOnce() async throws {
    try await IntakeFixture.run { intake in
      let requests = try await intake.grant(60)
      let answers = try await withThrowingTaskGroup(of: [Reason.Code].self) { group in
        for index in requests.indices {
          group.addTask {
            try await intake.remove(requests[index...index], by: intake.administrator())[0].refusalCodes
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.count(where: \.isEmpty) == 50)
      #expect(answers.count { $0 == [.confirmationRequired] } == 10)
      #expect(try await intake.pending().count == 10)
      #expect(try await intake.told(.confirmationRequested) == 10)
    }
  }

  @Test(
    "Decision 26: what many revoked approvals gave stays until an administrator confirms; told again it is not asked again"
  )
  func revocations() async throws {
    try await IntakeFixture.run { intake in
      let (requests, approver) = (try await intake.grant(60), try await intake.person("ada"))
      let ada = try #require(approver.subject)
      try await intake.revoke(requests, by: ada)
      try await intake.revoke(requests[..<30], by: ada)
      let waiting = try await intake.pending()
      #expect(waiting.map(\.confirmation.people) == [60])
      #expect(waiting.map(\.confirmation.askedBy.subject) == [ada])
      #expect(try await intake.count(.approverRemove) == 0)
      _ = try await intake.reject(waiting[0].confirmation.id)
      try await intake.revoke(requests, by: ada)
      #expect(try await intake.pending().isEmpty)
      // Taken back anew it is asked anew, and not by what is told again of the first.
      let before = intake.now
      intake.wait(Period(seconds: 1))
      try await intake.revoke(requests, by: ada)
      try await intake.revoke(requests, by: ada, at: before)
      #expect(try await intake.pending().map(\.confirmation.people) == [60])
      _ = try await intake.confirm(
        try await intake.pending()[0].confirmation.id, seen: 60, by: intake.administrator())
      #expect(try await intake.count(.approverRemove) == 60)
    }
  }

  @Test(
    "Decision 26: what nobody confirmed in time is asked anew; the access that went meanwhile counts no more")
  func lapsedRevocations() async throws {
    try await IntakeFixture.run { intake in
      let (requests, approver) = (try await intake.grant(60), UUID())
      try await intake.revoke(requests, by: approver)
      intake.wait(.days(7))
      try await intake.fireDeadlines()
      #expect(try await intake.pending().isEmpty)
      try await intake.revoke(requests, by: approver, at: intake.now - .days(7))
      #expect(try await intake.pending().isEmpty, "told again")
      try await intake.revoke(requests, by: approver)
      let waiting = try #require(try await intake.pending().first).confirmation.id
      #expect(try await intake.ownRemoval(requests[0]).refusalCodes.isEmpty)
      #expect(try await intake.look(waiting).people.count == 59)
      #expect(
        try await intake.confirm(waiting, seen: 59, by: intake.operatorPrincipal).confirmation.state
          == .confirmed)
      #expect(try await intake.count(.approverRemove) == 59)
      try await intake.revoke(requests, by: approver)
      #expect(try await intake.count(.approverRemove) == 59)
      #expect(try await intake.pending().isEmpty)
    }
  }

  @Test(
    "Decision 26: revocations, cancellations and removals add up; whoever takes their own back does not count"
  )
  func accumulationOfKinds() async throws {
    try await IntakeFixture.run { intake in
      let (requests, admin) = (try await intake.grant(30), intake.administrator())
      try await intake.revoke(requests[..<20], by: UUID())
      #expect(try await intake.count(.approverRemove) == 20)
      #expect(try await intake.remove(requests[20...], by: admin).allSatisfy { $0.refusalCodes.isEmpty })
      try await intake.requireApproval()
      let open = try await intake.submit(
        (0..<22).map { intake.submission(by: intake.guest("o\($0)")) }
      ).map { try $0.get() }
      for request in open[..<20] { try await intake.cancel(request, by: admin) }
      // Said again it changes nothing, and nothing waits.
      try await intake.cancel(open[0], by: admin)
      let id = try await intake.waiting { try await intake.cancel(open[20], by: admin) }
      #expect(try await intake.request(open[20].id)?.request.state == .pendingApproval)
      let own = intake.guest("o21", subject: UUID(text: open[21].target.subject))
      try await intake.cancel(open[21], by: own)
      _ = try await intake.confirm(id, seen: 1, by: intake.operatorPrincipal)
      #expect(try await intake.request(open[20].id)?.request.state == .canceled)
    }
  }

  @Test("What was decided is forgotten after 400 days; what waits is not")
  func retention() async throws {
    try await IntakeFixture.run { intake in
      try await intake.markPrivileged()
      let decided = try await intake.waiting { try await intake.forAllOrganizations() }
      _ = try await intake.reject(decided)
      intake.wait(.days(399))
      let prune = PruneConfirmations(transactor: try intake.transactor())
      try await prune()
      #expect(try await intake.confirmation(decided) != nil)
      intake.wait(.days(2))
      let waiting = try await intake.waiting { try await intake.forAllOrganizations() }
      try await prune()
      #expect(try await intake.confirmation(decided) == nil)
      #expect(try await intake.confirmation(waiting) != nil)
      let deadlines = try await intake.read {
        try $0.values("SELECT aggregate FROM deadline WHERE kind = 'confirmation'", as: UUID.self)
      }
      #expect(deadlines == [waiting])
    }
  }

  @Test("Decision 26: bars in bulk count, and wait as one; so does whoever is said to have left")
  func bars() async throws {
    try await IntakeFixture.run { intake in
      let people = try await intake.people(51)
      let barred = people.map { person in
        var person = person
        person.clearVersion()
        person.bar.reason = "abuse"
        return person
      }
      let codes = try await intake.putSubjects(barred).map(\.refusalCodes)
      #expect(codes.allSatisfy { $0 == [.confirmationRequired] })
      // Whoever may not bar makes nothing wait.
      let forbidden = try await intake.putSubjects(barred, by: intake.guest("ann")).map(\.refusalCodes)
      #expect(forbidden.allSatisfy { $0 == [.forbidden] })
      #expect(try await intake.pending().count == 1)
      let waiting = try #require(try await intake.pending().first)
      let confirmed = try await intake.confirm(
        waiting.confirmation.id, seen: 51, by: intake.administrator())
      #expect(confirmed.confirmation.state == .confirmed)
      // People's values go with the decision.
      let kept = try await intake.confirmation(waiting.confirmation.id)?.change.putSubjects.subjects
      #expect(kept?.allSatisfy { !$0.id.isEmpty && $0.email.isEmpty } == true)
      #expect(
        try await intake.read { try $0.value("SELECT count(*) FROM subject WHERE is_barred", as: Int.self) }
          == 51)

      let others = try await intake.people(51, from: 100)
      for person in others.prefix(50) { try await intake.end(person) }
      let cutOff = try await intake.waiting { try await intake.cutOff(others[50]) }
      _ = try await intake.confirm(cutOff, seen: 1, by: intake.administrator())
      #expect(
        try await intake.read { try $0.value("SELECT count(*) FROM subject WHERE is_barred", as: Int.self) }
          == 52)
      let id = try await intake.waiting { try await intake.end(others[50]) }
      _ = try await intake.confirm(id, seen: 1, by: intake.administrator())
      #expect(
        try await intake.read {
          try $0.value("SELECT count(*) FROM subject WHERE left_at IS NOT NULL", as: Int.self)
        }
          == 51)
    }
  }

  @Test("A dry run says what would follow and changes nothing; saving warns of what is outranked")
  func dryRun() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      try await intake.putPolicy {
        ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allConfiguredConnectedOrganizationUsers, [])
        $0.requestApprovalSettings.isApprovalRequiredForAdd = true
        $0.requestApprovalSettings.stages = [
          .with {
            $0.durationBeforeAutomaticDenial = "P14D"
            $0.primaryApprovers = [.with { $0.singleUser.subject = ann.subject?.text ?? "" }]
          }
        ]
      }
      let named = Vestibule_Api_V1_PutRequest.with {
        ($0.dryRun, $0.object.name) = (true, "named")
        $0.object.assignmentPolicy = .with {
          ($0.accessPackage, $0.displayName) = (intake.package.text, "Named")
          ($0.allowedTargetScope, $0.specificAllowedTargets) = (
            .specificDirectoryUsers, [ann.subject?.text ?? ""]
          )
          $0.expiration.type = .noExpiration
        }
      }
      let api = try intake.configurationAPI()
      let answer = try await intake.calling(as: intake.administrator()) { context in
        try await api.put(request: named, context: context)
      }
      #expect(answer.warnings.map(\.code) == ["policyOutranked", "approvalWeakens"])
      #expect(!answer.confirmationRequired)
      #expect(
        try await intake.read {
          try $0.value("SELECT count(*) FROM configuration WHERE name = 'named'", as: Int.self)
        } == 0)
    }
  }

  @Test("Row-level security hides what waits in another tenant")
  func isolation() async throws {
    try await IntakeFixture.run { intake in
      try await intake.markPrivileged()
      let id = try await intake.waiting { try await intake.forAllOrganizations() }
      let other = IntakeFixture(sharing: intake)
      try await other.configure()
      #expect(
        try await refusalCodes { try await other.confirm(id, by: other.administrator()) } == [.notFound])
      let counts = try await other.read { connection in
        try ["confirmation", "mass_change"].map { table in
          try connection.value("SELECT count(*) FROM \(unsafe: table)", as: Int.self)
        }
      }
      #expect(counts == [0, 0])
    }
  }
}
