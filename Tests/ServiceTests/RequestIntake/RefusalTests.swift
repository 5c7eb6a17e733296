import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Why a request is refused")
struct RefusalTests {
  @Test("Nobody asks for a package that another tenant has, or none")
  func unknownPackage() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let codes = try await intake.submit([
        Submission(principal: ann, tenant: intake.tenant, accessPackage: UUID())
      ])[0].refusalCodes
      #expect(codes == [.notFound])
    }
  }

  @Test("A closed catalog is told with everything else that stands in the way")
  func catalog() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      try await intake.putCatalog { ($0.state, $0.isExternallyVisible) = (.unpublished, false) }
      let codes = try await intake.submit([intake.submission(by: ann)])[0].refusalCodes
      #expect(codes == [.catalogNotPublished, .catalogNotExternallyVisible])
    }
  }

  @Test("A denied domain, a bar, and having left are told together")
  func person() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      try await intake.put("domains") {
        $0.domainList = .with { ($0.mode, $0.domains) = (.deny, ["fabrikam.example"]) }
      }
      try await intake.putSubject {
        ($0.id, $0.email, $0.organization) = (
          ann.subject?.text ?? "", "ann@fabrikam.example", intake.organization.text
        )
        $0.bar.reason = "abuse"
      }
      let id = try #require(ann.subject)
      _ = try await intake.commit { work in
        try EndSubject(store: intake.store)(
          id, reason: "gone", tenant: intake.tenant, principal: intake.operatorPrincipal, work)
      }.get()
      let codes = try await intake.submit([intake.submission(by: ann)])[0].refusalCodes
      #expect(Set(codes) == [.subjectLeft, .subjectBarred, .domainDenied])
    }
  }

  @Test("Somebody of no organization is not whom the policy is for")
  func policyNotMatched() async throws {
    try await IntakeFixture.run { intake in
      let stranger = intake.guest("stranger", isMatched: false)
      let codes = try await intake.submit([intake.submission(by: stranger)])[0].refusalCodes
      #expect(codes == [.policyNotMatched])
    }
  }

  @Test("Of several policies one must be named, and a disabled one takes no requests")
  func policies() async throws {
    try await IntakeFixture.run { intake in
      let (ann, other) = (try await intake.person("ann"), UUID())
      try await intake.putPolicy("other", id: other)
      let several = try await intake.submit([intake.submission(by: ann)])[0]
      #expect(several.refusalCodes == [.severalPoliciesMatch])
      try await intake.putPolicy("other", id: other) { $0.isDisabled = true }
      let disabled = try await intake.submit([intake.submission(by: ann) { $0.assignmentPolicy = other }])[0]
      #expect(disabled.refusalCodes == [.policyDisabled])
      try await intake.putPolicy { $0.requestorSettings.enableTargetsToSelfUpdateAccess = true }
      #expect(try await intake.submit([intake.submission(by: ann)])[0].refusalCodes == [.policyNotMatched])
    }
  }

  @Test("A justification is asked for where the policy wants one; blanks are none")
  func justification() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      try await intake.putPolicy { $0.requestApprovalSettings.isRequestorJustificationRequired = true }
      for silence in ["", " \n\t"] {
        let item = intake.submission(by: ann) { $0.justification = silence }
        #expect(try await intake.submit([item])[0].refusalCodes == [.justificationRequired])
      }
      let held = try await intake.submit(by: ann) { $0.justification = "audit" }
      #expect(held.state == .delivering)
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2)])
      intake.wait(.days(170))
      for (reason, codes) in [(" ", [Reason.Code.justificationRequired]), ("audit", [])] {
        var ask = try intake.ask(held, by: ann)
        ask.justification = reason
        let item = Extension(ask: ask)
        let answers = try await intake.commit { [store = intake.store] in
          try ExtendAssignments(store: store)([item], $0)
        }
        #expect(answers[0].refusalCodes == codes)
      }
    }
  }

  @Test("An end is neither past, nor before the start, nor later than the policy allows")
  func schedule() async throws {
    try await IntakeFixture.run { intake in
      let (ann, now) = (try await intake.person("ann"), intake.now)
      let past = intake.submission(by: ann) { $0.endsAt = now - .days(1) }
      let swapped = intake.submission(by: ann) { ($0.startsAt, $0.endsAt) = (now + .days(9), now + .days(8)) }
      let long = intake.submission(by: ann) { $0.endsAt = now + .days(181) }
      let answers = try await intake.submit([past, swapped, long])
      #expect(answers.map(\.refusalCodes) == [[.endPassed], [.startAfterEnd], [.outOfRange]])
      let fitting = try await intake.submit(by: ann) { $0.endsAt = now + .days(180) }
      #expect(fitting.endDateTime.instant?.isSameInstant(as: now + .days(180)) == true)
    }
  }

  @Test("Whoever holds the package is told so, and nothing that counts them as gone")
  func standing() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      try await intake.putOrganization { $0.guestLimit = 2 }
      let held = try await intake.submit([ann, bob].map { intake.submission(by: $0) })
      try await intake.putOrganization { $0.guestLimit = 1 }
      // As if it ended between the look at what stands and the count of guests.
      let id = try #require(UUID(text: held[0].get().id))
      _ = try await intake.commit { work in
        try work.connection.execute("UPDATE request SET organization = NULL WHERE id = \(id)")
      }
      #expect(try await intake.submit([intake.submission(by: ann)])[0].refusalCodes == [.openRequestExists])
    }
  }

  @Test("An organization's contract caps the term, its end and its limit of guests refuse")
  func organization() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      let end = intake.now + .days(10)
      try await intake.putOrganization { ($0.contractEnd, $0.guestLimit) = (.init(end), 1) }
      let answers = try await intake.submit([intake.submission(by: ann), intake.submission(by: bob)])
      #expect(answers.map(\.refusalCodes) == [[], [.organizationFull]])
      #expect(try answers[0].get().endDateTime.instant?.isSameInstant(as: end) == true)
      #expect(try await intake.submit([intake.submission(by: bob)])[0].refusalCodes == [.organizationFull])
      try await intake.putOrganization { $0.state = .ended }
      #expect(try await intake.submit([intake.submission(by: bob)])[0].refusalCodes == [.organizationEnded])
    }
  }

  @Test("Only assignment managers ask for somebody else, and only within their catalog")
  func forSomebodyElse() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      let elsewhere = intake.administrator([GrantedRole(role: .assignmentManager, catalog: UUID())])
      let manager = intake.administrator([GrantedRole(role: .assignmentManager, catalog: intake.catalog)])
      let codes = try await intake.submit([
        intake.submission(by: bob) { $0.targetSubject = ann.subject },
        intake.submission(by: elsewhere) { $0.targetSubject = ann.subject },
        intake.submission(by: manager) { $0.targetSubject = UUID() },
        intake.submission(by: manager) { $0.targetSubject = ann.subject },
      ]).map(\.refusalCodes)
      #expect(codes == [[.forbidden], [.forbidden], [.notFound], []])
    }
  }
}
