import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

/// Approved, and to begin in ten days: what happens when something changes before that. What was granted stands unless
/// somebody takes it away; whoever may not have it at all is refused when it is delivered
/// (`ScheduledStartDeliveryTests`).
@Suite("Between approval and start")
struct ScheduledStartTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Before its start, and after it.
    let waits, begins: AccessRequest.State
    let change: @Sendable (Story) async throws -> Void

    init(
      _ description: String, _ waits: AccessRequest.State, _ begins: AccessRequest.State,
      _ change: @escaping @Sendable (Story) async throws -> Void
    ) {
      (testDescription, self.waits, self.begins, self.change) = (description, waits, begins, change)
    }
  }

  /// Ann's request, approved by somebody.
  struct Story: Sendable {
    let intake: IntakeFixture
    let ann: Principal
    let request: Vestibule_Model_V1_Request

    init(_ intake: IntakeFixture) async throws {
      self.intake = intake
      ann = try await intake.person("ann")
      try await intake.requireApproval()
      let start = intake.now + .days(10)
      request = try await intake.submit(by: ann) { $0.startsAt = start }
      try await intake.decide(request, .approved)
    }

    var state: AccessRequest.State? {
      get async throws { try await intake.request(request.id)?.request.state }
    }

    func endOrganization() async throws {
      _ = try await intake.commit { [intake] work in
        try EndOrganization(store: intake.store)(
          intake.organization, isDryRun: false, tenant: intake.tenant, principal: intake.administrator(),
          work,
          .confirmed)
      }.get()
      try await finishEnds()
    }

    func finishEnds() async throws {
      let end = EndAccessOfOrganizations(store: intake.store)
      while try await intake.transactor().commit(tenants: [], { work in try end(work) }) {}
    }

    func change(_ fill: (inout Vestibule_Model_V1_Subject) -> Void) async throws {
      let id = ann.subject?.text ?? ""
      try await intake.putSubject { subject in
        (subject.id, subject.email) = (id, "ann@fabrikam.example")
        subject.organization = intake.organization.text
        subject.identities = [
          .with { ($0.issuer, $0.subject) = ("https://login.fabrikam.example", "ann") }
        ]
        fill(&subject)
      }
    }

    func isRefused(_ work: () async throws -> some Any) async throws {
      #expect(try await refusalCodes(of: work) == [.inUse])
    }
  }

  static let rows = [
    Row("Nothing", .scheduled, .delivering) { _ in },
    Row("Its policy takes no requests any more", .scheduled, .delivering) { story in
      try await story.intake.putPolicy { $0.isDisabled = true }
    },
    Row("People do not ask under it themselves any more", .scheduled, .delivering) { story in
      try await story.intake.putPolicy { $0.requestorSettings.enableTargetsToSelfUpdateAccess = true }
    },
    Row("Its audience is narrowed to others", .scheduled, .delivering) { story in
      let bob = try await story.intake.person("bob").subject?.text ?? ""
      try await story.intake.putPolicy {
        ($0.allowedTargetScope, $0.specificAllowedTargets) = (.specificDirectoryUsers, [bob])
      }
    },
    Row("It is to last shorter", .scheduled, .delivering) { story in
      try await story.intake.putPolicy { $0.expiration.duration = "P1D" }
    },
    Row("Its policy is to be deleted: refused, it is needed", .scheduled, .delivering) { story in
      try await story.isRefused { try await story.intake.delete(story.intake.policy) }
    },
    Row("So is its package", .scheduled, .delivering) { story in
      try await story.isRefused { try await story.intake.delete(story.intake.package) }
    },
    Row("Its catalog is closed", .scheduled, .delivering) { story in
      try await story.intake.putCatalog { ($0.state, $0.isExternallyVisible) = (.unpublished, false) }
    },
    Row("The person is barred: delivery refuses, unless that has ended by then", .scheduled, .delivering) {
      try await $0.change { $0.bar.reason = "x" }
    },
    Row("The person is cut off: so too", .scheduled, .delivering) { story in
      let id = try #require(story.ann.subject)
      _ = try await story.intake.commit { [intake = story.intake] work in
        try CutOffSubject()(
          id, .cutOff(reason: "x"), tenant: intake.tenant, principal: intake.administrator(), work)
      }.get()
    },
    Row("The person has left", .canceled, .canceled) { story in
      let id = try #require(story.ann.subject)
      _ = try await story.intake.commit { [intake = story.intake] work in
        try EndSubject(store: intake.store)(
          id, reason: "left", tenant: intake.tenant, principal: intake.operatorPrincipal, work)
      }.get()
    },
    Row("The organization has ended", .canceled, .canceled) { try await $0.endOrganization() },
    Row("Its contract ends before the start", .canceled, .canceled) { story in
      let end = story.intake.now + .days(5)
      try await story.intake.putOrganization { $0.contractEnd = .init(end) }
      story.intake.wait(.days(6))
      try await story.intake.fireDeadlines()
      try await story.finishEnds()
    },
    Row("Its contract ends after the start", .scheduled, .delivering) { story in
      let end = story.intake.now + .days(15)
      try await story.intake.putOrganization { $0.contractEnd = .init(end) }
    },
    Row("The organization is full now", .scheduled, .delivering) { story in
      try await story.intake.putOrganization { $0.guestLimit = 1 }
    },
    Row("The approval is taken back", .canceled, .canceled) { story in
      try await story.intake.decide(story.request, .approved, isRevoked: true)
    },
    Row("The person takes it back", .canceled, .canceled) { story in
      let id = try Field.id(story.request.id, at: "id")
      _ = try await story.intake.commit { [intake = story.intake, ann = story.ann] work in
        try CancelRequest(store: intake.store)(id, tenant: intake.tenant, principal: ann, work).get()
      }
    },
    Row("An administrator assigns the package", .canceled, .canceled) { story in
      let assigned = try await story.intake.submit(by: story.intake.administrator()) {
        $0.targetSubject = story.ann.subject
      }
      #expect(assigned.state == .delivering)
    },
  ]

  @Test("What changes before the start, and what becomes of the request", arguments: rows)
  func changes(row: Row) async throws {
    try await IntakeFixture.run { intake in
      let story = try await Story(intake)
      #expect(try await intake.told(.requestScheduled) == 1)
      let granted = try await intake.told(.requestApproved)
      try await row.change(story)
      #expect(try await story.state == row.waits)
      let before = try await intake.told(.requestApproved)
      intake.wait(.days(10))
      for _ in 0..<2 {
        try await intake.fireDeadlines()
        try await intake.decide(story.request, .approved)
      }
      #expect(try await story.state == row.begins)
      #expect(granted == 0)
      #expect(try await intake.told(.requestApproved) == before + (row.begins == .delivering ? 1 : 0))
    }
  }

  struct Ask: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let codes: [Reason.Code]
    /// In days from now.
    var start: Int?
    var end: Int?
    var contractEnd: Int?
    var policyEnd: Int?
    var exceptionEnd: Int?
  }

  static let asks = [
    Ask(testDescription: "A start and an end after it", codes: [], start: 10, end: 20),
    Ask(testDescription: "An end before the start", codes: [.startAfterEnd], start: 10, end: 9),
    Ask(testDescription: "An end with the start", codes: [.startAfterEnd], start: 10, end: 10),
    Ask(testDescription: "An end in the past", codes: [.endPassed], end: -1),
    Ask(testDescription: "Longer than the policy gives", codes: [.outOfRange], start: 10, end: 191),
    Ask(testDescription: "The contract ends before it", codes: [.endPassed], start: 10, contractEnd: 9),
    Ask(testDescription: "The contract ends after the start", codes: [], start: 10, contractEnd: 11),
    Ask(testDescription: "The policy ends before the start", codes: [.endPassed], start: 10, policyEnd: 9),
    Ask(testDescription: "The policy ends after the start", codes: [], start: 10, policyEnd: 11),
    Ask(testDescription: "The exception ends before it", codes: [.endPassed], start: 10, exceptionEnd: 9),
    Ask(testDescription: "The exception ends after the start", codes: [], start: 10, exceptionEnd: 11),
  ]

  @Test("Access that would end before it begins is refused, with what would be right", arguments: asks)
  func refuses(ask: Ask) async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let day = { (number: Int?) in number.map { intake.now.addingTimeInterval(Double($0) * 86_400) } }
      if let end = day(ask.contractEnd) { try await intake.putOrganization { $0.contractEnd = .init(end) } }
      if let end = day(ask.policyEnd) {
        try await intake.putPolicy {
          $0.expiration = .with { ($0.type, $0.endDateTime) = (.afterDateTime, .init(end)) }
        }
      }
      if let end = day(ask.exceptionEnd) {
        try await exempt(ann, until: end, intake)
      }
      // Whoever approves is not asked for what can not be.
      if ask.policyEnd == nil { try await intake.requireApproval() }
      let answer = try await intake.submit([
        intake.submission(by: ann) { ($0.startsAt, $0.endsAt) = (day(ask.start), day(ask.end)) }
      ])[0]
      #expect(answer.refusalCodes == ask.codes)
      if case .failure(let refusal) = answer {
        #expect(refusal.reasons.allSatisfy { !$0.hint.isEmpty && $0.field.hasPrefix("schedule") })
      }
    }
  }

  /// Ann holds what may not be held beside the package, unless until then.
  private func exempt(_ ann: Principal, until end: Date, _ intake: IntakeFixture) async throws {
    let other = try await intake.putAnotherPackage()
    _ = try await intake.submit(by: ann) { $0.accessPackage = other }
    try await intake.put("suppliers", id: intake.package) { object in
      object.accessPackage = .with {
        ($0.catalog, $0.displayName) = (intake.catalog.text, "Suppliers")
        $0.resourceRoles = [.with { ($0.resource, $0.role) = (intake.resource.text, "member") }]
        $0.incompatibleAccessPackages = [
          .with {
            $0.accessPackage = other.text
            $0.exceptions = [
              .with {
                ($0.subject, $0.reason) = (ann.subject?.text ?? "", "Hands it over")
                $0.endDateTime = .init(end)
              }
            ]
          }
        ]
      }
    }
  }
}
