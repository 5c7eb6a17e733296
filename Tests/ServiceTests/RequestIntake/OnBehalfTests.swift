import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Asking for others, and asking anew")
struct OnBehalfRequestTests {
  /// A policy that lets Fabrikam's sponsor ask for Fabrikam's people.
  private func sponsor(_ intake: IntakeFixture, isFirstStage: Bool = false) async throws -> Principal {
    let sponsor = try await intake.person("sponsor")
    try await intake.putOrganization { $0.externalSponsors = [sponsor.subject?.text ?? ""] }
    try await intake.requireApproval()
    let policy = try await intake.read { [store = intake.store, tenant = intake.tenant, id = intake.policy] in
      try store.load([tenant], on: $0).tenants[tenant]?.objects[id]?.object.assignmentPolicy
    }
    try await intake.putPolicy {
      $0.requestApprovalSettings = policy?.requestApprovalSettings ?? .init()
      $0.requestorSettings = .with {
        $0.enableOnBehalfRequestorsToAddAccess = true
        $0.enableOnBehalfRequestorsToUpdateAccess = true
        $0.enableOnBehalfRequestorsToRemoveAccess = true
        $0.onBehalfRequestors = [.with { $0.externalSponsors = .init() }]
        $0.isSponsorSubmissionFirstStage = isFirstStage
      }
    }
    return sponsor
  }

  @Test("A partner's sponsor asks for a colleague and for a new address: requests of people, by the sponsor")
  func asks() async throws {
    try await IntakeFixture.run { intake in
      let (sponsor, ann) = (try await sponsor(intake, isFirstStage: true), try await intake.person("ann"))
      let known = try await intake.submit(by: sponsor) { $0.targetSubject = ann.subject }
      #expect(known.requestType == .userAdd && known.state == .pendingApproval && known.isFirstStageGiven)
      #expect(known.requestor == sponsor.subject?.text && known.target.subject == ann.subject?.text)
      let new = try await intake.submit(by: sponsor) { $0.targetEmail = "new@fabrikam.example" }
      #expect(new.target.email == "new@fabrikam.example" && new.organization == intake.organization.text)
      // For oneself the policy does not let anybody ask, and a sponsor's own request is no first stage's yes.
      #expect(
        try await intake.submit([intake.submission(by: sponsor)])[0].refusalCodes == [.policyNotMatched])
    }
  }

  @Test("Nobody else does, nobody is asked for who is not of the sponsor's people, and no address is kept")
  func refuses() async throws {
    try await IntakeFixture.run { intake in
      let (sponsor, ann) = (try await sponsor(intake), try await intake.person("ann"))
      let stranger = try await intake.putSubject { $0.email = "s@elsewhere.example" }
      let codes = try await intake.submit([
        intake.submission(by: ann) { $0.targetSubject = sponsor.subject },
        intake.submission(by: sponsor) { $0.targetSubject = UUID(text: stranger.id) },
        intake.submission(by: sponsor) { $0.targetEmail = "x@elsewhere.example" },
      ]).map(\.refusalCodes)
      #expect(codes == [[.forbidden], [.notFound], [.forbidden]])
      let address = Address(tenant: intake.tenant, email: "x@elsewhere.example")
      #expect(try await intake.read { try SubjectTable(connection: $0).find([address]) }.isEmpty)
    }
  }

  /// A policy for all members, for whom these may ask.
  private func openToMembers(
    _ intake: IntakeFixture, _ requestor: (inout Vestibule_Model_V1_SubjectSet) -> Void
  ) async throws {
    try await intake.putPolicy {
      ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allMemberUsers, [])
      $0.requestorSettings = .with {
        $0.enableOnBehalfRequestorsToAddAccess = true
        $0.enableOnBehalfRequestorsToUpdateAccess = true
        $0.enableOnBehalfRequestorsToRemoveAccess = true
        $0.onBehalfRequestors = [.with { requestor(&$0) }]
      }
    }
  }

  private func member(_ intake: IntakeFixture, _ name: String, under manager: Principal? = nil) async throws
    -> Principal
  {
    let saved = try await intake.putSubject {
      ($0.email, $0.kind, $0.manager) = ("\(name)@contoso.example", .member, manager?.subject?.text ?? "")
    }
    return intake.guest(name, subject: UUID(text: saved.id), isMatched: false)
  }

  @Test("A manager asks, extends and gives up for those who report to them, and for nobody else")
  func managers() async throws {
    try await IntakeFixture.run { intake in
      let eve = try await member(intake, "eve")
      let mia = try await member(intake, "mia", under: eve)
      let (ann, ben) = (
        try await member(intake, "ann", under: mia), try await member(intake, "ben", under: eve)
      )
      try await openToMembers(intake) { $0.targetManager = .init() }
      let codes = try await intake.submit([
        intake.submission(by: mia) { $0.targetSubject = ben.subject },
        intake.submission(by: eve) { $0.targetSubject = ann.subject },
        intake.submission(by: ben) { $0.targetSubject = ann.subject },
        intake.submission(by: mia) { $0.targetEmail = "ann@contoso.example" },
      ]).map(\.refusalCodes)
      #expect(codes == Array(repeating: [.forbidden], count: 4))
      let held = try await intake.submit(by: mia) { $0.targetSubject = ann.subject }
      #expect(held.requestType == .userAdd && held.requestor == mia.subject?.text)
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2)])
      intake.wait(.days(170))
      #expect(try await intake.extend(held, by: eve).refusalCodes == [.notFound])
      #expect(try await intake.extend(held, by: mia).get().requestType == .userUpdate)
      #expect(try await intake.remove(held, by: ben).refusalCodes == [.notFound])

      try await openToMembers(intake) { $0.targetManager.managerLevel = 2 }
      #expect(try await intake.remove(held, by: mia).refusalCodes == [.notFound])
      #expect(try await intake.remove(held, by: eve).get().requestType == .userRemove)
    }
  }

  @Test("Whoever is in a named group asks for whomever the policy is for, until they leave it")
  func groups() async throws {
    try await IntakeFixture.run { intake in
      let (desk, ann) = (try await member(intake, "desk"), try await member(intake, "ann"))
      let outside = try await intake.person("bob")
      try await openToMembers(intake) { $0.groupMembers.group = intake.resource.text }
      func ask(for person: Principal) async throws -> [Reason.Code] {
        try await intake.submit([intake.submission(by: desk) { $0.targetSubject = person.subject }])[0]
          .refusalCodes
      }
      #expect(try await ask(for: ann) == [.forbidden])
      try await intake.group("files", desk, isMember: true, version: 1)
      #expect(try await ask(for: outside) == [.policyNotMatched])
      #expect(try await ask(for: ann) == [])
      try await intake.group("files", desk, isMember: false, version: 2)
      #expect(try await ask(for: ann) == [.forbidden])
    }
  }

  @Test("Decision 6: a sponsor who is barred asks for nobody")
  func barred() async throws {
    try await IntakeFixture.run { intake in
      let (sponsor, ann) = (try await sponsor(intake), try await intake.person("ann"))
      try await intake.putSubject { subject in
        (subject.id, subject.email) = (sponsor.subject?.text ?? "", "sponsor@fabrikam.example")
        subject.bar.reason = "Under suspicion"
      }
      let item = intake.submission(by: sponsor) { $0.targetSubject = ann.subject }
      #expect(try await intake.submit([item])[0].refusalCodes == [.subjectBarred])
    }
  }

  @Test(
    "A sponsor extends and gives up access of the organization's people; another's sponsor knows of nothing")
  func updatesAndRemoves() async throws {
    try await IntakeFixture.run { intake in
      let (sponsor, ann) = (try await sponsor(intake), try await intake.person("ann"))
      let request = try await intake.submit(by: sponsor) { $0.targetSubject = ann.subject }
      try await intake.decide(request, .approved)
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      intake.wait(.days(170))
      let elsewhere = Principal(
        tenant: intake.tenant, subject: sponsor.subject, organization: nil, issuer: sponsor.issuer,
        externalSubject: sponsor.externalSubject, email: nil, isMember: false, isOperator: false, roles: [],
        expiresAt: .distantFuture)
      #expect(try await intake.extend(request, by: elsewhere).refusalCodes == [.notFound])
      let more = try await intake.extend(request, by: sponsor).get()
      #expect(more.requestType == .userUpdate && more.requestor == sponsor.subject?.text)
      #expect(more.state == .pendingApproval)
      let end = try await intake.remove(request, by: sponsor).get()
      #expect(end.requestType == .userRemove && end.requestor == sponsor.subject?.text)
    }
  }

  @Test("Terms wait for the person, whoever asks")
  func terms() async throws {
    try await IntakeFixture.run { intake in
      let (sponsor, terms) = (try await sponsor(intake), UUID())
      try await intake.put("agreement", id: terms) {
        ($0.terms.displayName, $0.terms.version, $0.terms.text) = ("Agreement", 1, "Do right.")
      }
      try await intake.putPolicy {
        ($0.terms, $0.areTermsWaivedForDirectAssignment) = ([terms.text], true)
        $0.requestorSettings.enableOnBehalfRequestorsToAddAccess = true
        $0.requestorSettings.onBehalfRequestors = [.with { $0.externalSponsors = .init() }]
      }
      let made = try await intake.submit(by: sponsor) { $0.targetEmail = "new@fabrikam.example" }
      #expect(made.termsAcceptance == .pending)
    }
  }

  @Test("What came to nothing is asked for anew with the same words; what stands is not")
  func resubmits() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      let end = intake.now + .days(20)
      let first = try await intake.submit(by: ann) { ($0.justification, $0.endsAt) = ("Spring", end) }
      let early = try await refusalCodes { try await again(intake, first, by: ann) }
      #expect(early == [.notResubmittable])
      try await intake.decide(first, .denied)
      let foreign = try await refusalCodes { try await again(intake, first, by: bob) }
      #expect(foreign == [.notFound])
      let second = try await again(intake, first, by: ann)
      #expect(second.id != first.id && second.state == .pendingApproval && second.justification == "Spring")
      #expect(second.endDateTime == first.endDateTime && second.requestType == .userAdd)
    }
  }

  private func again(
    _ intake: IntakeFixture, _ request: Vestibule_Model_V1_Request, by principal: Principal
  ) async throws -> Vestibule_Model_V1_Request {
    let id = try #require(UUID(text: request.id))
    let submission = try await intake.read { [store = intake.store, tenant = intake.tenant] connection in
      try ResubmitRequest(store: store)(id, tenant: tenant, principal: principal, on: connection)
    }
    return try await intake.submit([submission])[0].get()
  }
}
