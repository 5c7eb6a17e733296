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

@Suite("Direct assignment by address")
struct DirectAssignmentTests {
  private func assignments(_ emails: [String], _ intake: IntakeFixture) -> [Submission] {
    emails.map { email in intake.submission(by: intake.administrator()) { $0.targetEmail = email } }
  }

  @Test("Several thousand at once: each line has its answer, and each address is one person")
  func thousands() async throws {
    try await IntakeFixture.run { intake in
      try await intake.put("domains") {
        $0.domainList = .with { ($0.mode, $0.domains) = (.deny, ["denied.example"]) }
      }
      var emails = (0..<3_000).map { "p\($0)@fabrikam.example" }
      // Somebody is there twice, once in capitals; one domain is denied, one is of nobody.
      emails[1_501] = "P1500@Fabrikam.example"
      emails[2_999] = "p7@fabrikam.example"
      emails[10] = "x@denied.example"
      emails[11] = "x@elsewhere.example"
      var codes: [[Reason.Code]] = []
      for start in stride(from: 0, to: emails.count, by: 500) {
        codes += try await intake.submit(assignments(Array(emails[start..<start + 500]), intake)).map(
          \.refusalCodes)
      }
      let refused = codes.enumerated().filter { !$0.element.isEmpty }
      #expect(refused.map(\.offset) == [10, 11, 1_501, 2_999])
      #expect(Set(codes[10]) == [.domainDenied, .policyNotMatched] && codes[11] == [.policyNotMatched])
      #expect(codes[1_501] == [.openRequestExists] && codes[2_999] == [.openRequestExists])
      let counts = try await intake.read { connection in
        try connection.row(
          "SELECT count(*), count(DISTINCT target_subject), count(*) FILTER (WHERE organization IS NOT NULL) FROM request"
        ) { row in [try row.next(Int.self), try row.next(Int.self), try row.next(Int.self)] }
      }
      #expect(counts == [2_996, 2_996, 2_996])
      #expect(try await intake.told(.requestApproved) == 2_996)
    }
  }

  @Test("Of two copies that are given the same new addresses, each makes a person once")
  func copies() async throws {
    try await IntakeFixture.run { intake in
      let emails = (0..<200).map { "p\($0)@fabrikam.example" }
      let (forward, backward) = (assignments(emails, intake), assignments(emails.reversed(), intake))
      async let first = intake.submit(forward)
      async let second = intake.submit(backward)
      let (one, other) = try await (first, second)
      for (left, right) in zip(one, other.reversed()) {
        #expect([left, right].count { $0.refusalCodes.isEmpty } == 1)
      }
      let people = try await intake.read { connection in
        try connection.value(
          "SELECT count(*) FROM subject WHERE email_key LIKE '%@fabrikam.example'", as: Int.self)
      }
      #expect(people == 200)
    }
  }

  @Test(
    "The address says of which organization, by the longest domain; not of somebody who signs in otherwise")
  func organizations() async throws {
    try await IntakeFixture.run { intake in
      let codes = try await intake.submit(
        assignments(["a@fabrikam.example", "b@labs.fabrikam.example"], intake)
      ).map(\.refusalCodes)
      #expect(codes == [[], [.policyNotMatched]], "subdomains are others, unless the organization says so")
      try await intake.putOrganization { $0.identitySources[0].domain.includeSubdomains = true }
      let lab = try await intake.submit(assignments(["b@labs.fabrikam.example"], intake))[0].get()
      #expect(lab.organization == intake.organization.text)

      // Whoever only says to have the address, and signs in from elsewhere, is not Fabrikam's.
      try await intake.putSubject {
        $0.email = "claims@fabrikam.example"
        $0.identities = [.with { ($0.issuer, $0.subject) = ("https://login.elsewhere.example", "claims") }]
      }
      let claimed = try await intake.submit(assignments(["claims@fabrikam.example"], intake))[0]
      #expect(claimed.refusalCodes == [.policyNotMatched])
      try await intake.putOrganization { $0.state = .ended }
      let ended = try await intake.submit(assignments(["c@fabrikam.example"], intake))[0]
      #expect(ended.refusalCodes == [.organizationEnded])
    }
  }

  @Test("Decision 12: a day as the end is its end where the tenant is")
  func days() async throws {
    try await IntakeFixture.run { intake in
      try await intake.put("contoso") {
        ($0.tenantSettings.displayName, $0.tenantSettings.timeZone) = ("Contoso", "Europe/Berlin")
      }
      let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
      let text = (intake.now + .days(30)).formatted(.iso8601.year().month().day())
      let day = try #require(LocalDay(text))
      let made = try await intake.submit(by: try await intake.person("ann")) { $0.end = .on(day) }
      #expect(made.endDateTime.instant == day.end(in: zone))
      let both = Vestibule_Model_V1_Schedule.with {
        ($0.endDate, $0.endDateTime) = ("2099-01-31", .init(intake.now))
      }
      #expect(throws: ContractError.self) { try ChosenEnd(both, at: "schedule") }
      #expect(throws: ContractError.self) {
        try ChosenEnd(.with { $0.endDate = "31.1.2099" }, at: "schedule")
      }
    }
  }

  @Test("An address that somebody only claims leads to nobody: what is assigned waits for who proves it")
  func claims() async throws {
    try await IntakeFixture.run { intake in
      // Zoe says so, and holds the package by a request of her own.
      let claiming = try await intake.submit(by: intake.guest("zoe"))
      #expect(claiming.target.email == "zoe@fabrikam.example")
      let assigned = try await intake.submit(assignments(["Zoe@fabrikam.example"], intake))[0].get()
      #expect(assigned.target.subject != claiming.target.subject)
      #expect(assigned.requestType == .adminAdd && assigned.organization == intake.organization.text)
      let again = try await intake.submit(assignments(["zoe@fabrikam.example"], intake))[0]
      #expect(again.refusalCodes == [.openRequestExists])

      let recognition = SubjectRecognition(transactor: try intake.transactor(), store: intake.store)
      let prover = try await recognition(intake.signIn("the-real-zoe", proving: "zoe@fabrikam.example"))
      #expect(prover.subject?.text == assigned.target.subject)
      let claimer = try await recognition(intake.signIn("zoe", proving: nil))
      #expect(claimer.subject?.text == claiming.target.subject)
      // Proved too late: the address leads to whoever proved it first.
      _ = try await recognition(intake.signIn("zoe", proving: "zoe@fabrikam.example"))
      let last = try await intake.submit(assignments(["zoe@fabrikam.example"], intake))[0]
      #expect(last.refusalCodes == [.openRequestExists])
    }
  }

  @Test("Whoever has proved the address has it, at the first sign-in or later; who has left gives way")
  func proofs() async throws {
    try await IntakeFixture.run { intake in
      let own = try await intake.submit(by: intake.guest("ann", isEmailProved: true))
      let ann = try await intake.submit(assignments(["ann@fabrikam.example"], intake))[0]
      #expect(ann.refusalCodes == [.openRequestExists], "she has asked for it herself")
      try await intake.end(.with { $0.id = own.target.subject })
      let next = try await intake.submit(
        by: intake.guest("ann-two", isEmailProved: true, email: "ann@fabrikam.example"))
      #expect(next.target.subject != own.target.subject)
      let assigned = try await intake.submit(assignments(["ann@fabrikam.example"], intake))[0]
      #expect(assigned.refusalCodes == [.openRequestExists], "the address is the next one's")

      let bob = try await intake.submit(by: intake.guest("bob"))
      let recognition = SubjectRecognition(transactor: try intake.transactor(), store: intake.store)
      _ = try await recognition(intake.signIn("bob", proving: "bob@fabrikam.example"))
      let proved = try await intake.submit(assignments(["bob@fabrikam.example"], intake))[0]
      #expect(proved.refusalCodes == [.openRequestExists])
      if case .failure(let refusal) = proved { #expect(refusal.reasons.first?.hint == bob.id) }
    }
  }

  @Test("Of two who prove the same address at once, one is the person whom it leads to")
  func twoProve() async throws {
    try await IntakeFixture.run { intake in
      let transactor = try intake.transactor()
      for round in 0..<10 {
        let email = "p\(round)@fabrikam.example"
        let assigned = try await intake.submit(assignments([email], intake))[0].get()
        let found = try await withThrowingTaskGroup(of: UUID?.self) { group in
          for name in ["one", "other"] {
            let signIn = intake.signIn("\(name)-\(round)", proving: email)
            // Each in a copy of the service of its own.
            let recognition = SubjectRecognition(transactor: transactor, store: intake.store)
            group.addTask { try await recognition(signIn).subject }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(found.compactMap { $0?.text } == [assigned.target.subject])
      }
    }
  }

  @Test("Whoever proves an address and asks, while it is assigned: there is one person, and one request")
  func asksMeanwhile() async throws {
    try await IntakeFixture.run { intake in
      for round in 0..<10 {
        let name = "p\(round)"
        let own = intake.submission(by: intake.guest(name, isEmailProved: true))
        async let asking = intake.submit([own])
        async let assigning = intake.submit(assignments(["\(name)@fabrikam.example"], intake))
        let answers = try await [asking[0], assigning[0]]
        #expect(answers.count { $0.refusalCodes.isEmpty } >= 1)
        let people = try await intake.read { connection in
          try connection.value(
            "SELECT count(*) FROM subject WHERE email_key = \("\(name)@fabrikam.example")", as: Int.self)
        }
        #expect(people == 1)
      }
    }
  }
}

extension IntakeFixture {
  fileprivate func signIn(_ name: String, proving email: String?) -> SignIn {
    SignIn(
      who: TenantIdentity(
        tenant: tenant, identity: .init(issuer: "https://login.fabrikam.example", subject: name)),
      issuersOrganization: nil, isHome: false, provedEmail: email)
  }
}
