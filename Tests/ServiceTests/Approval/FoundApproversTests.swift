import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval

@Suite("Decisions 14 and 15: whoever is found may decide, and whoever may decide is found")
struct FoundApproversTests {
  private static let scenarios = 12

  @Test("Of random people, stages, bars, identities, delegates and earlier decisions", arguments: 0..<4)
  func agrees(seed: Int) async throws {
    let bench = try await ApprovalBench()
    var random = SplitMix64(seed: UInt64(seed) + 1)
    for number in 1...Self.scenarios {
      let town = Town(bench, using: &random)
      let ids = try await town.settle(in: bench, version: number + 1)
      let found = try await bench.absences()
      let answers = try await town.decideEach(ids, in: bench)
      let isDecidable = answers.contains { $0.isEmpty }
      #expect(
        found.isEmpty == isDecidable,
        "seed \(seed), \(number): \(found.values.map(\.stages)), answers \(answers), \(town)")
      #expect(found.values.allSatisfy { $0.waiting == ids.count })
      for id in ids { try await bench.cancel(id) }
    }
  }

  @Test(
    "A partner's sponsor who belongs elsewhere by now is not found: the stand-in decides, or it is routed")
  func movedSponsor() async throws {
    let (bench, bo) = (try await ApprovalBench(), UUID())
    try await bench.configure(.asking([.externalSponsors], fallback: [bo]), version: 2)
    try await bench.follow(bench.sponsor, organization: bench.fabrikam)
    let id = try await bench.openOne()
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes == [.notAnApprover])
    try await bench.follow(bench.sponsor, organization: UUID(), version: 2)
    #expect(try await bench.listed(by: bo) == [id.text])
    #expect(try await bench.health().organizations.map(\.sponsors) == [0])
    #expect(try await bench.absences().isEmpty)
    try await bench.configure(.asking([.externalSponsors]), version: 3)
    #expect(try await bench.absences().values.map(\.waiting) == [1])
    // Nobody's word, by a delegate of the same partner either.
    try await bench.follow(bo)
    try await bench.commit { work in
      _ = try Delegate()(bench.caller(), to: bo, from: nil, until: nil, work)
    }
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes == [.notAnApprover])
    try await bench.follow(bench.sponsor, organization: bench.fabrikam, version: 3)
    #expect(try await bench.absences().isEmpty)
    _ = try await bench.decide(id, by: bench.caller(bo)).get()
  }

  @Test("What an earlier release did not keep is filled when it is told again")
  func fills() async throws {
    let bench = try await ApprovalBench()
    try await bench.follow(bench.sponsor, version: 7)
    _ = try await bench.openOne()
    #expect(try await bench.absences().isEmpty)
    try await bench.follow(bench.sponsor, organization: UUID(), version: 7)
    #expect(try await bench.absences().count == 1)
    try await bench.follow(bench.sponsor, organization: bench.fabrikam, version: 6)
    #expect(try await bench.absences().count == 1)
  }

  @Test("Whoever is barred by another identity is not found, in a group either; the stand-in decides")
  func barred() async throws {
    let (bench, bo, ada, other) = (try await ApprovalBench(), UUID(), UUID(), UUID())
    try await bench.configure(
      .asking([.singleUser(ada), .groupMembers("owners")], fallback: [bo]), version: 2)
    let person = UUID()
    try await bench.group("owners", [ada: 1], areMembers: true)
    try await bench.follow(ada, person: person)
    let id = try await bench.openOne()
    #expect(try await bench.listed(by: bo).isEmpty)
    try await bench.follow(other, bar: .init(reason: "", until: nil), person: person)
    #expect(try await bench.decide(id, by: bench.caller(ada)).codes == [.subjectBarred])
    #expect(try await bench.listed(by: bo) == [id.text])
    _ = try await bench.decide(id, by: bench.caller(bo)).get()
  }

  @Test("The only approver stands in for whom it concerns: it is routed, as long as that lasts")
  func delegate() async throws {
    let bench = try await ApprovalBench()
    for person in [bench.sponsor, bench.target] { try await bench.follow(person) }
    let id = try await bench.openOne()
    let asker = bench.caller(bench.target)
    func delegate(to delegate: UUID?, until end: Date? = nil) async throws {
      try await bench.commit { work in
        _ = try Delegate()(asker, to: delegate, from: nil, until: end, work)
      }
    }
    try await bench.route()
    #expect(try await bench.marks() == 0)
    try await delegate(to: bench.sponsor, until: bench.noon + .days(1))
    #expect(try await bench.marks() == 2, "looked at now, and when it ends")
    #expect(try await bench.decide(id).codes == [.ownRequest])
    #expect(try await bench.absences().values.flatMap(\.gaps).flatMap(\.absences) == [.involved])
    try await delegate(to: nil)
    #expect(try await bench.absences().isEmpty)
    _ = try await bench.decide(id).get()
  }
}

/// People around one request, and whom its stage asks.
private struct Town: CustomStringConvertible {
  struct Person {
    let id = UUID()
    let bar: Subject.Bar?
    let hasLeft: Bool
    let home: UUID?
    var person: UUID?
    var delegate: UUID?
  }

  private var people: [Person]
  private let stage: Vestibule_Model_V1_ApprovalStage
  private let organization: Vestibule_Model_V1_ConfigurationObject
  private let manager: UUID?
  private let sponsors: [UUID]
  private let isSecond: Bool
  private let groups: [String: [UUID]]

  init(_ bench: ApprovalBench, using random: inout SplitMix64) {
    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    let elsewhere = UUID()
    let (owners, leads) = ("owners-\(UUID())", "leads-\(UUID())")
    people = (0..<7).map { _ in
      Person(
        bar: chance(15) ? .init(reason: "", until: nil) : nil, hasLeft: chance(10),
        home: [bench.fabrikam, bench.fabrikam, elsewhere, nil].randomElement(using: &random) ?? nil)
    }
    let ids = people.map(\.id)
    func someone() -> UUID { ids.randomElement(using: &random) ?? ids[0] }
    func some(_ most: Int) -> [UUID] {
      Array(ids.shuffled(using: &random).prefix(Int.random(in: 0...most, using: &random)))
    }
    for _ in 0..<2 where chance(50) {
      let person = UUID()
      for index in people.indices.shuffled(using: &random).prefix(2) { people[index].person = person }
    }
    for index in people.indices where chance(30) {
      let delegate = someone()
      if delegate != ids[index] { people[index].delegate = delegate }
    }
    (manager, sponsors, isSecond) = (
      chance(70) ? ids[1...].randomElement(using: &random) : nil, some(2), chance(50)
    )
    let kinds: [AssignmentPolicy.Approver] = [
      .singleUser(someone()), .singleUser(someone()), .internalSponsors, .externalSponsors,
      .requestorManager(level: 1), .targetUserSponsors, .groupMembers(owners),
    ]
    stage = .asking(
      Array(kinds.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random))), fallback: some(2),
      quorum: isSecond ? 2 : 1)
    var object = bench.organizationObject(some(2), version: 1)
    object.connectedOrganization.internalSponsors = some(2).map(\.text)
    if chance(30) { object.connectedOrganization.externalSponsorGroups = [.with { $0.originID = leads }] }
    groups = [owners: some(2), leads: some(2)]
    organization = object
  }

  var description: String {
    "\(people), \(groups), manager \(manager?.text ?? "none"), \(sponsors), \(stage), \(organization)"
  }

  /// - Returns: for each person an approval of the first one's request.
  func settle(in bench: ApprovalBench, version: Int) async throws -> [UUID] {
    var partner = organization
    partner.version = .init(epoch: 1, number: version)
    try await bench.take([bench.policyObject([stage], version: version), partner])
    for (index, person) in people.enumerated() {
      try await bench.follow(
        person.id, bar: person.bar, leftAt: person.hasLeft ? bench.noon : nil,
        manager: index == 0 ? manager : nil, sponsors: index == 0 ? sponsors : [], person: person.person,
        organization: person.home)
    }
    for person in people {
      guard let delegate = person.delegate, !(people.first { $0.id == delegate }?.hasLeft ?? true) else {
        continue
      }
      try await bench.commit { work in
        _ = try Delegate()(bench.caller(person.id), to: delegate, from: nil, until: nil, work)
      }
    }
    for (group, members) in groups where !members.isEmpty {
      try await bench.group(
        group, Dictionary(uniqueKeysWithValues: members.map { ($0, 1) }), areMembers: true)
    }
    let ids = people.map { _ in UUID() }
    try await bench.open(ids, target: people[0].id)
    if isSecond { try await decideFirst(ids, in: bench) }
    return ids
  }

  /// Each of the people decides the approval of their own.
  ///
  /// - Returns: why not; nothing for whoever may.
  func decideEach(_ ids: [UUID], in bench: ApprovalBench) async throws -> [[Reason.Code]] {
    let answers = zip(people, ids).map { answer($0, to: $1, in: bench) }
    return try await bench.commit { [cache = bench.cache] work in
      try DecideApprovals(cache: cache)(answers, work).map(\.codes)
    }
  }

  /// The first who may decides all of them.
  private func decideFirst(_ ids: [UUID], in bench: ApprovalBench) async throws {
    for person in people {
      let answers = ids.map { answer(person, to: $0, in: bench) }
      let codes = try await bench.commit { [cache = bench.cache] work in
        try DecideApprovals(cache: cache)(answers, work).map(\.codes)
      }
      if codes.allSatisfy(\.isEmpty) { return }
    }
  }

  private func answer(_ person: Person, to approval: UUID, in bench: ApprovalBench) -> Answer {
    // Whose organization was never written down is recognized by the sign-in.
    let caller = bench.caller(person.id, organization: person.home ?? bench.fabrikam)
    return Answer(approval: approval, caller: caller, verdict: .approve)
  }
}

extension ApprovalBench {
  /// Where nobody is found.
  func absences() async throws -> [FindAbsences.Place: FindAbsences.Absence] {
    try await transactor().read(tenants: [tenant]) { [tenant, cache, noon] connection in
      var find = try FindAbsences(
        tenant, ConfigurationCopies(connection: connection, cache: cache), at: noon)
      return try find()
    }
  }
}

/// A generator whose numbers can be had again.
private struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
