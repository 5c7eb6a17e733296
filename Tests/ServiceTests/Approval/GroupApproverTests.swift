import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("A group that approves")
struct GroupApproverTests {
  private let ada = UUID()
  private let bo = UUID()
  private let stand = UUID()

  private func bench() async throws -> ApprovalBench {
    let bench = try await ApprovalBench(stage: .asking([.groupMembers("owners")], fallback: [stand]))
    try await bench.group("owners", [ada: 1, bo: 1], areMembers: true)
    return bench
  }

  @Test("Each member sees it and decides; whoever has left the group does not")
  func members() async throws {
    let bench = try await bench()
    let (first, second) = (try await bench.openOne(), try await bench.openOne(target: UUID()))
    for member in [ada, bo] { #expect(Set(try await bench.listed(by: member)) == [first.text, second.text]) }
    #expect(try await bench.listed(by: stand).isEmpty)
    let decided = try await bench.decide(first, by: bench.caller(ada)).get()
    #expect(decided.approval.decisions.map(\.capacity) == [.groupMember])
    try await bench.group("owners", [ada: 2], areMembers: false)
    #expect(try await bench.listed(by: ada).isEmpty)
    #expect(try await bench.decide(second, by: bench.caller(ada)).codes == [.notAnApprover])
    #expect(try await bench.decide(second, by: bench.caller(stand)).codes == [.notAnApprover])
    _ = try await bench.decide(second, by: bench.caller(bo)).get()
  }

  @Test("Nobody of the group decides what is for themselves")
  func own() async throws {
    let bench = try await bench()
    let id = try await bench.openOne(target: ada)
    #expect(try await bench.listed(by: ada).isEmpty)
    #expect(try await bench.decide(id, by: bench.caller(ada)).codes == [.ownRequest])
  }

  @Test("A group that nobody is in, or nobody who may act, is stood in for")
  func empty() async throws {
    let bench = try await bench()
    let id = try await bench.openOne()
    try await bench.group("owners", [ada: 2], areMembers: false)
    #expect(try await bench.listed(by: stand).isEmpty)
    try await bench.follow(bo, leftAt: bench.noon)
    #expect(try await bench.listed(by: stand) == [id.text])
    let decided = try await bench.decide(id, by: bench.caller(stand)).get()
    #expect(decided.approval.decisions.map(\.capacity) == [.fallback])
  }

  @Test("A group stands in, too, and is asked when a stage escalates")
  func standsIn() async throws {
    var stage = Vestibule_Model_V1_ApprovalStage.asking([.externalSponsors], escalatingTo: [stand])
    stage.fallbackPrimaryApprovers = [.with { $0.groupMembers.originID = "owners" }]
    stage.escalationApprovers = [.with { $0.groupMembers.originID = "heads" }]
    let bench = try await ApprovalBench(stage: stage)
    try await bench.group("owners", [ada: 1], areMembers: true)
    try await bench.group("heads", [bo: 1], areMembers: true)
    let (partners, nobodys) = (UUID(), UUID())
    try await bench.open([partners])
    try await bench.open([nobodys], organization: .some(nil))
    #expect(try await bench.listed(by: ada) == [nobodys.text])
    #expect(try await bench.listed(by: bo).isEmpty)
    #expect(try await bench.fireDue(at: bench.noon + .days(4)) == 2)
    #expect(Set(try await bench.listed(by: bo)) == [partners.text, nobodys.text])
    let decided = try await bench.decide(partners, by: bench.caller(bo)).get()
    #expect(decided.approval.decisions.map(\.capacity) == [.escalation])
  }

  @Test(
    "Whoever is in a group that answers for an organization decides as its sponsor, while they belong there")
  func sponsors() async throws {
    let bench = try await ApprovalBench(stage: .asking([.externalSponsors], fallback: [stand]))
    var organization = bench.organizationObject([], version: 2)
    organization.connectedOrganization.externalSponsorGroups = [.with { $0.originID = "leads" }]
    try await bench.take([organization])
    try await bench.group("leads", [ada: 1], areMembers: true)
    let (first, second) = (try await bench.openOne(), try await bench.openOne(target: UUID()))
    #expect(Set(try await bench.listed(by: ada)) == [first.text, second.text])
    #expect(try await bench.listed(by: stand).isEmpty)
    let elsewhere = bench.caller(ada, organization: .some(nil))
    #expect(try await bench.decide(first, by: elsewhere).codes == [.notAnApprover])
    let decided = try await bench.decide(first, by: bench.caller(ada)).get()
    #expect(decided.approval.decisions.map(\.capacity) == [.externalSponsor])
    try await bench.group("leads", [ada: 2], areMembers: false)
    #expect(try await bench.listed(by: ada).isEmpty)
    #expect(try await bench.listed(by: stand) == [second.text])
  }

  @Test("Of a person the newest news counts, said twice or in whatever order")
  func order() async throws {
    let news: [(version: Int64, isMember: Bool)] = [(1, true), (2, false), (3, true)]
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0, 1], [0, 2, 2, 1]] {
      let bench = try await ApprovalBench(stage: .asking([.groupMembers("owners")]))
      for place in order {
        try await bench.group("owners", [ada: news[place].version], areMembers: news[place].isMember)
      }
      try await bench.group("others", [bo: 1], areMembers: true)
      let id = try await bench.openOne()
      #expect(try await bench.listed(by: ada) == [id.text], "\(order)")
      #expect(try await bench.listed(by: bo).isEmpty)
    }
  }
}

extension ApprovalBench {
  /// Takes what the directory tells of people, each in a version.
  func group(_ group: String, _ people: [UUID: Int64], areMembers: Bool) async throws {
    let event = Received(
      id: UUID(), type: .directoryGroupChanged, aggregate: UUID(), tenant: tenant,
      version: EntitlementModel.Version(epoch: 1, number: 1),
      body: Vestibule_Events_V1_DirectoryGroupEvent.with {
        ($0.tenant, $0.group) = (tenant.text, group)
        $0.members = people.map { subject, version in
          .with { ($0.subject, $0.isMember, $0.version) = (subject.text, areMembers, version) }
        }
      })
    try await commit { work in try GroupMemberCopies(connection: work.connection).take([event]) }
  }
}
