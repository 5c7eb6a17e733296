import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import RequestIntake

/// Every way in which the API changes something, and which guard looks at it (decisions 17, 26). `apply`, `adopt` and
/// every other command make these calls and no others.
@Suite("Guards: no way around them")
struct GuardedCallsTests {
  /// A call that a guard looks at, one way to make it, and what waits then.
  struct Door: Sendable, CustomTestStringConvertible {
    let call: String
    let testDescription: String
    /// How many people it would concern; 0 where it widens privileged access.
    let people: Int
    /// - Returns: the confirmation that it waits for.
    let open: @Sendable (IntakeFixture) async throws -> UUID

    init(
      _ call: String, _ what: String, people: Int,
      open: @escaping @Sendable (IntakeFixture) async throws -> UUID
    ) {
      (self.call, testDescription, self.people, self.open) = (call, "\(call): \(what)", people, open)
    }
  }

  /// Calls that change something and that no guard looks at, and why not.
  static let free = [
    "Approvals/Decide": "says yes or no to what was asked, one by one",
    "Approvals/DecideMany": "says yes or no to what was asked",
    "Approvals/Reassign": "says who decides what waits, never whoever says it",
    "Approvals/SetDelegation": "of one's own word",
    "Assignments/Reprocess": "does again what was approved",
    "Configuration/RefreshResources": "what packages hold stays",
    "Confirmations/Confirm": "is the second administrator",
    "Confirmations/Reject": "changes nothing but the confirmation",
    "Directory/ChangeMembers":
      "says who may ask and decide, as a narrower policy does; takes from nobody what an assignment gives",
    "Guests/SetLifecycle":
      "not looked at yet, though many may go by it: none within seven days, and the same call takes it back",
    "Operations/Republish": "tells what is so",
    "Requests/ChangePolicy": "gives; what would end others' access within the hour is refused",
    "Requests/Extend": "gives",
    "Requests/Reprocess": "does again what was approved, judged anew",
    "Requests/Resubmit": "asks",
    "Requests/UpdateAnswers": "takes no access, and administrators may write what is right",
    "Subjects/LiftLegalHold": "lets only be asked for what Subjects/Erase does",
    "Subjects/Link": "whoever holds too much by it keeps it",
    "Subjects/Merge": "whoever holds a package twice keeps it once",
    "Subjects/Restore": "gives back",
    "Subjects/SetLegalHold": "keeps",
    "Subjects/Unlink": "takes nothing",
    "Subjects/Unmerge": "takes nothing",
    "TermsOfUse/Accept": "by the person alone",
  ]

  static let reading: Set<String> = [
    "Approvals/Get", "Approvals/GetDelegation", "Approvals/GetHealth", "Approvals/ListPending",
    "Approvals/ListRouted", "Approvals/ListRouting", "Assignments/Get",
    "Assignments/List", "Audit/List", "Audit/Witnessed",
    "Assignments/ListPackageChanges", "Configuration/Get", "Configuration/List", "Confirmations/Get",
    "Confirmations/List", "Deadlines/List", "Directory/ListMembers", "Guests/Get", "Guests/GetOutlook",
    "Guests/List", "Guests/ListLifecycleChanges", "Guests/ListZombies", "Notices/List",
    "Organizations/ListEnds", "Principals/Resolve", "Requests/Explain", "Requests/Get", "Requests/GetAnswers",
    "Requests/GetApplicablePolicyRequirements", "Requests/List", "Requests/ListAdditionalAccess",
    "Requests/ListDenied",
    "Subjects/Get", "Subjects/List", "TermsOfUse/ListAcceptances", "TermsOfUse/ListPending",
    "TermsOfUse/Read",
  ]

  static let doors = [
    Door("Approvals/Revoke", "of 51 approvals", people: 51) { intake in
      try await intake.revoke(try await intake.grant(51), by: UUID())
      return try #require(try await intake.pending().first).confirmation.id
    },
    Door("Configuration/Delete", "settings that took less", people: 51) { intake in
      let settings = UUID()
      try await intake.put("lifecycle", id: settings) {
        $0.lifecycleSettings.externalUserLifecycleAction = .none
      }
      try await intake.endAccess(of: 51)
      return try await intake.waiting { try await intake.delete(settings, by: intake.administrator()) }
    },
    Door("Configuration/Put", "stricter settings", people: 51) { intake in
      let settings = UUID()
      func save(_ action: Vestibule_Model_V1_LifecycleSettings.ExternalUserLifecycleAction) async throws {
        try await intake.put("lifecycle", id: settings, by: intake.administrator()) {
          $0.lifecycleSettings.externalUserLifecycleAction = action
        }
      }
      try await save(.none)
      try await intake.endAccess(of: 51)
      return try await intake.waiting { try await save(.blockSignIn) }
    },
    Door("Configuration/Put", "a list of domains", people: 51) { intake in
      try await intake.grant(51)
      return try await intake.waiting {
        try await intake.put("domains", by: intake.administrator()) {
          $0.domainList = .with { ($0.mode, $0.domains) = (.deny, ["fabrikam.example"]) }
        }
      }
    },
    Door("Configuration/Put", "roles taken out of a package", people: 51) { intake in
      try await intake.grant(51)
      return try await intake.waiting { try await intake.putRoles([], by: intake.administrator()) }
    },
    Door("Configuration/Put", "a contract that is about to end", people: 51) { intake in
      try await intake.grant(51)
      let end = intake.now + .days(29)
      return try await intake.waiting {
        try await intake.putOrganization(by: intake.administrator()) { $0.contractEnd = .init(end) }
      }
    },
    Door("Configuration/Put", "an organization that is ended", people: 51) { intake in
      try await intake.grant(51)
      return try await intake.waiting {
        try await intake.putOrganization(by: intake.administrator()) { $0.state = .ended }
      }
    },
    Door("Configuration/Put", "a wider audience of a privileged package", people: 0) { intake in
      try await intake.markPrivileged()
      return try await intake.waiting { try await intake.forAllOrganizations(by: intake.administrator()) }
    },
    Door("Configuration/Put", "a role added to a privileged package", people: 0) { intake in
      try await intake.markPrivileged(roles: ["member", "owner"])
      return try await intake.waiting {
        try await intake.putRoles(["member", "owner"], by: intake.administrator())
      }
    },
    Door("Configuration/Put", "a privileged resource that is unmarked", people: 0) { intake in
      try await intake.markPrivileged()
      return try await intake.waiting {
        try await intake.markPrivileged(false, by: intake.administrator())
      }
    },
    Door("Configuration/Delete", "a privileged resource that nothing holds", people: 0) { intake in
      try await intake.markPrivileged()
      try await intake.putRoles([])
      return try await intake.waiting {
        try await intake.delete(intake.resource, by: intake.administrator())
      }
    },
    Door("Configuration/Put", "a proposed organization that is configured", people: 0) { intake in
      try await intake.putOrganization { $0.state = .proposed }
      try await intake.forAllOrganizations()
      try await intake.markPrivileged()
      return try await intake.waiting { try await intake.putOrganization(by: intake.administrator()) }
    },
    Door("Configuration/Put", "another domain of an organization that may ask", people: 0) { intake in
      try await intake.markPrivileged()
      return try await intake.waiting {
        try await intake.putOrganization(by: intake.administrator()) {
          $0.identitySources.append(.with { $0.domain.domainName = "fabrikam-labs.example" })
        }
      }
    },
    Door("Configuration/Put", "an issuer at which an organization's people sign in", people: 0) { intake in
      try await intake.markPrivileged()
      return try await intake.waiting {
        try await intake.put("labs", id: UUID(), by: intake.administrator()) {
          $0.issuer = .with {
            ($0.issuer, $0.audience) = ("https://login.fabrikam-labs.example", "vestibule")
            ($0.organization, $0.subjectClaim) = (intake.organization.text, "sub")
            $0.jwksURL = "https://login.fabrikam-labs.example/keys"
          }
        }
      }
    },
    Door("Organizations/End", "of 51 people", people: 51) { intake in
      try await intake.grant(51)
      return try await intake.waiting {
        try await intake.commit {
          [
            store = intake.store, tenant = intake.tenant, id = intake.organization,
            principal = intake.administrator()
          ] work in
          try EndOrganization(store: store)(id, isDryRun: false, tenant: tenant, principal: principal, work)
        }.get()
      }
    },
    Door("Requests/Cancel", "the 51st of others", people: 1) { intake in
      try await intake.requireApproval()
      let requests = try await intake.submit(
        (0..<51).map { intake.submission(by: intake.guest("p\($0)")) }
      ).map { try $0.get() }
      for request in requests[..<50] { try await intake.cancel(request, by: intake.administrator()) }
      return try await intake.waiting { try await intake.cancel(requests[50], by: intake.administrator()) }
    },
    Door("Requests/Remove", "51 of others", people: 51) { intake in
      let requests = try await intake.grant(51)
      let answers = try await intake.remove(requests[...], by: intake.administrator())
      return try await intake.waiting { try answers[50].get() }
    },
    Door("Requests/Submit", "what somebody had, until tomorrow, the 51st", people: 1) { intake in
      let people = try await intake.people(51)
      _ = try await intake.adopt(people[..<50], until: intake.now + .days(1))
      let last = try await intake.adopt(people[50...], until: intake.now + .days(1))
      return try await intake.waiting { try last[0].get() }
    },
    Door("Requests/SubmitMany", "what 51 had, until tomorrow", people: 51) { intake in
      let answers = try await intake.adopt(
        try await intake.people(51)[...], until: intake.now + .days(1))
      return try await intake.waiting { try answers[50].get() }
    },
    Door("Subjects/CutOff", "the 51st", people: 1) { intake in
      let people = try await intake.people(51)
      for person in people[..<50] { try await intake.cutOff(person, by: intake.administrator()) }
      return try await intake.waiting { try await intake.cutOff(people[50], by: intake.administrator()) }
    },
    Door("Subjects/End", "the 51st", people: 1) { intake in
      let people = try await intake.people(51)
      for person in people[..<50] { try await intake.end(person, by: intake.administrator()) }
      return try await intake.waiting { try await intake.end(people[50], by: intake.administrator()) }
    },
    Door("Subjects/Erase", "the 51st", people: 1) { intake in
      let people = try await intake.people(51)
      // Ends count for an hour, too.
      for person in people[..<50] { try await intake.end(person) }
      intake.wait(Period(seconds: 3_700))
      try await intake.end(people[50])
      intake.wait(Period(seconds: 3_700))
      for person in people[..<50] { try await intake.erase(person, by: intake.administrator()) }
      return try await intake.waiting { try await intake.erase(people[50], by: intake.administrator()) }
    },
    Door("Subjects/Put", "a bar, the 51st", people: 1) { intake in
      let people = try await intake.people(51).map(\.barred)
      _ = try await intake.putSubjects(Array(people[..<50]), by: intake.administrator())
      let last = try await intake.putSubjects([people[50]], by: intake.administrator())
      return try await intake.waiting { try last[0].get() }
    },
    Door("Subjects/PutMany", "51 bars", people: 51) { intake in
      let people = try await intake.people(51).map(\.barred)
      let answers = try await intake.putSubjects(people, by: intake.administrator())
      return try await intake.waiting { try answers[0].get() }
    },
  ]

  @Test("Every call of every service reads, is looked at by a guard, or says why it need not be")
  func everyCall() throws {
    let services = [
      Vestibule_Api_V1_Approvals.Method.descriptors, Vestibule_Api_V1_Assignments.Method.descriptors,
      Vestibule_Api_V1_Audit.Method.descriptors,
      Vestibule_Api_V1_Configuration.Method.descriptors, Vestibule_Api_V1_Confirmations.Method.descriptors,
      Vestibule_Api_V1_Deadlines.Method.descriptors, Vestibule_Api_V1_Directory.Method.descriptors,
      Vestibule_Api_V1_Guests.Method.descriptors, Vestibule_Api_V1_Notices.Method.descriptors,
      Vestibule_Api_V1_Operations.Method.descriptors, Vestibule_Api_V1_Organizations.Method.descriptors,
      Vestibule_Api_V1_Principals.Method.descriptors, Vestibule_Api_V1_Requests.Method.descriptors,
      Vestibule_Api_V1_Subjects.Method.descriptors, Vestibule_Api_V1_TermsOfUse.Method.descriptors,
    ]
    #expect(try Self.servicesOfProtos() == Set(services.map { $0[0].service.fullyQualifiedService }))
    let calls = services.joined().map { method in
      "\(method.service.fullyQualifiedService.split(separator: ".").last ?? "")/\(method.method)"
    }
    let judged = Array(Self.free.keys) + Array(Self.reading) + Set(Self.doors.map(\.call))
    #expect(judged.sorted() == calls.sorted(), "each call once, in one of `free`, `reading` and `doors`")
  }

  @Test("Whom an adoption leaves the time to be told is adopted at once; one that was confirmed is made")
  func adoptions() async throws {
    try await IntakeFixture.run { intake in
      let (people, end) = (try await intake.people(51), intake.now + .days(13))
      let answers = try await intake.adopt(people[...], until: end)
      let id = try await intake.waiting { try answers[0].get() }
      #expect(try await intake.count(.adminAdd) == 0)
      #expect(try await intake.adopt(people[..<1], until: intake.now + .days(14))[0].refusalCodes.isEmpty)
      _ = try await intake.confirm(id, seen: 51, by: intake.operatorPrincipal)
      let ends = try await intake.read {
        try $0.values("SELECT latest_end FROM request WHERE adopts_guest ORDER BY latest_end", as: Date.self)
      }
      #expect(ends.count == 51 && ends.count { $0.microseconds == end.microseconds } == 50)
    }
  }

  @Test("A single administrator's change waits at every door, and the operator confirms it", arguments: doors)
  func everyDoor(_ door: Door) async throws {
    try await IntakeFixture.run { intake in
      let id = try await door.open(intake)
      #expect(try await intake.pending().map(\.confirmation.id) == [id])
      let look = try await intake.look(id)
      #expect(look.people.count == door.people)
      #expect(look.stored.confirmation.widens.isEmpty == (door.people > 0))
      let confirmed = try await intake.confirm(id, seen: door.people, by: intake.operatorPrincipal)
      #expect(confirmed.confirmation.state == .confirmed)
      #expect(confirmed.confirmation.decidedBy == Administrator(intake.operatorPrincipal))
      #expect(try await intake.pending().isEmpty)
    }
  }

  private static func servicesOfProtos() throws -> Set<String> {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Shared/Contracts/Protos/vestibule/api/v1").standardizedFileURL
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return try files.reduce(into: []) { found, file in
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      where line.hasPrefix("service ") {
        found.insert("vestibule.api.v1.\(line.split(separator: " ")[1])")
      }
    }
  }
}

extension IntakeFixture {
  /// So many people of Fabrikam had the package.
  fileprivate func endAccess(of count: Int) async throws {
    try await fold(try await grant(count).map { assignment(of: $0, .expired, version: 5) })
  }
}

extension Vestibule_Model_V1_Subject {
  fileprivate var barred: Self {
    var person = self
    person.clearVersion()
    person.bar.reason = "abuse"
    return person
  }
}
