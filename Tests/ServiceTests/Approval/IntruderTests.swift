import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("Those who should not decide try (decision 14)")
struct IntruderTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let codes: [Reason.Code]
    let approvers: @Sendable (_ bench: ApprovalBench, _ intruder: UUID) -> [AssignmentPolicy.Approver]
    var prepare: @Sendable (_ bench: ApprovalBench, _ intruder: UUID) async throws -> Void = { _, _ in }
    var organization: @Sendable (ApprovalBench) -> UUID? = { $0.fabrikam }
    var isTarget = false
  }

  static let rows = [
    Row(
      testDescription: "the target", codes: [.ownRequest], approvers: { [.singleUser($1)] }, isTarget: true),
    Row(
      testDescription: "the target's delegate", codes: [.ownRequest],
      approvers: { bench, _ in [.singleUser(bench.target)] },
      prepare: { bench, intruder in
        try await bench.follow(intruder)
        try await bench.commit { work in
          _ = try Delegate()(
            bench.caller(bench.target), to: intruder, from: bench.noon - .days(1), until: nil, work)
        }
      }),
    Row(
      testDescription: "another identity of the target's", codes: [.ownRequest],
      approvers: { [.singleUser($1)] },
      prepare: { bench, intruder in
        let person = UUID()
        for subject in [bench.target, intruder] { try await bench.follow(subject, person: person) }
      }),
    Row(
      testDescription: "a sponsor who is one no more", codes: [.notAnApprover],
      approvers: { _, _ in [.externalSponsors] },
      prepare: { bench, intruder in
        try await bench.configure(
          .asking([.externalSponsors]), sponsors: [bench.sponsor, intruder], version: 2)
        try await bench.configure(.asking([.externalSponsors]), sponsors: [bench.sponsor], version: 3)
      }),
    Row(
      testDescription: "a sponsor who belongs to another organization now", codes: [.notAnApprover],
      approvers: { _, _ in [.externalSponsors] },
      prepare: { bench, intruder in
        try await bench.configure(
          .asking([.externalSponsors]), sponsors: [bench.sponsor, intruder], version: 2)
      }, organization: { _ in UUID() }),
    Row(
      testDescription: "a barred approver", codes: [.subjectBarred], approvers: { [.singleUser($1)] },
      prepare: { bench, intruder in
        try await bench.follow(intruder, bar: .init(reason: "Misuse", until: nil))
      }),
    Row(
      testDescription: "somebody who has left the group", codes: [.notAnApprover],
      approvers: { _, _ in [.groupMembers("owners")] },
      prepare: { bench, intruder in
        try await bench.group("owners", [intruder: 1, bench.sponsor: 1], areMembers: true)
        try await bench.group("owners", [intruder: 2], areMembers: false)
      }),
    Row(
      testDescription: "the manager of somebody else", codes: [.notAnApprover],
      approvers: { _, _ in [.requestorManager(level: 1)] },
      prepare: { bench, intruder in
        try await bench.follow(UUID(), manager: intruder)
        try await bench.follow(bench.target, manager: bench.sponsor)
      }),
    Row(
      testDescription: "the sponsor of somebody else", codes: [.notAnApprover],
      approvers: { _, _ in [.targetUserSponsors] },
      prepare: { bench, intruder in
        try await bench.follow(UUID(), sponsors: [intruder])
        try await bench.follow(bench.target, sponsors: [bench.sponsor])
      }),
    Row(
      testDescription: "a stranger", codes: [.notAnApprover],
      approvers: { bench, _ in [.singleUser(bench.sponsor)] }),
  ]

  @Test("Nothing is listed for them, nothing is decided, and they are told why", arguments: rows)
  func refused(row: Row) async throws {
    let bench = try await ApprovalBench()
    let intruder = row.isTarget ? bench.target : UUID()
    try await bench.take([bench.policyObject([.asking(row.approvers(bench, intruder))], version: 2)])
    try await row.prepare(bench, intruder)
    let id = try await bench.openOne()
    let caller = bench.caller(intruder, organization: .some(row.organization(bench)))
    #expect(try await bench.list(as: caller, size: 0).approvals.isEmpty)
    for verdict in [ApprovalProcess.Verdict.approve, .deny] {
      #expect(Set(try await bench.decide(id, by: caller, verdict).codes) == Set(row.codes))
    }
    #expect(try await bench.state(of: id) == "pending")
  }
}
