import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import Provisioning

@Suite("What is answered is written to accounts")
struct AttributeTests {
  private static let healthy: @Sendable () -> Fault? = { nil }
  private static let fabrikam = ["costCenter": "4711", "employer": "Fabrikam"]

  @Test(
    "It is there when the access is delivered, and goes with it; an embedded directory, or one far away",
    arguments: [false, true])
  func writes(isExternal: Bool) async throws {
    try await ProvisioningFixture.run(fault: isExternal ? Self.healthy : nil) { service in
      try await service.configure(
        service.package, roles: ["reader"], attributes: ["costCenter", "employer"], number: 2)
      let add = service.answering(Self.fabrikam, service.request(for: service.person()))
      try await service.fulfil([add])
      try await service.work()
      #expect(try await service.assignment(add.id)?.state == .delivered)
      #expect(try await service.attributes() == "costCenter=4711 employer=Fabrikam")
      try await service.fulfil([add])
      try await service.work()
      #expect(try await service.attributes() == "costCenter=4711 employer=Fabrikam")
      try await service.fulfil([service.request(.userRemove, for: add.target, assignment: add.id)])
      try await service.work()
      #expect(try await service.assignment(add.id)?.state == .expired)
      #expect(try await service.attributes() == "")
      #expect(try await service.sql("SELECT count(*) FROM account_attribute") == "0")
      #expect(try await service.sql("SELECT count(*) FROM guest_work") == "0")
    }
  }

  @Test("Edited answers rewrite it; said twice they are said once, and older ones do not come back")
  func edits() async throws {
    try await ProvisioningFixture.run(fault: { nil }) { service in
      try await service.configure(
        service.package, roles: ["reader"], attributes: ["costCenter", "employer"], number: 2)
      let add = service.answering(Self.fabrikam, service.request(for: service.person()))
      try await service.fulfil([add])
      try await service.work()
      service.advance(by: .days(1))
      let first = service.edit(["costCenter": "0815"], of: add)
      service.advance(by: .days(1))
      let second = service.edit(["costCenter": "0816"], of: add)
      let told = try await service.fulfil([first])
      #expect(told.map(\.type) == [.assignmentAnswersChanged])
      try await service.work()
      #expect(try await service.attributes() == "costCenter=0815", "what is answered no longer is cleared")
      try await service.fulfil([second])
      try await service.fulfil([first, second])
      try await service.work()
      #expect(try await service.attributes() == "costCenter=0816")
      let assignment = try #require(try await service.assignment(add.id))
      #expect(assignment.state == .delivered && assignment.answeredRequest == second.id)
    }
  }

  @Test("Of several packages the newest answer counts; the value goes with the last of them")
  func claims() async throws {
    try await ProvisioningFixture.run { service in
      let other = UUID()
      for (package, number) in [(service.package, 2), (other, 1)] {
        try await service.configure(package, roles: ["reader"], attributes: ["costCenter"], number: number)
      }
      let person = service.person()
      let first = service.answering(["costCenter": "4711"], service.request(for: person))
      service.advance(by: .days(1))
      let second = service.answering(["costCenter": "0815"], service.request(for: person, package: other))
      // Whatever the order in which they come.
      try await service.fulfil([second])
      try await service.fulfil([first])
      #expect(try await service.attributes() == "costCenter=0815")
      try await service.fulfil([service.request(.userRemove, for: person, assignment: second.id)])
      #expect(try await service.attributes() == "costCenter=4711")
      try await service.fulfil([service.request(.userRemove, for: person, assignment: first.id)])
      #expect(try await service.attributes() == "")
    }
  }

  @Test("What was there before us, what others have put there since, and what is to stay, is not cleared")
  func provenance() async throws {
    try await ProvisioningFixture.run { service in
      try await service.configure(
        service.package, roles: ["reader"], attributes: ["costCenter", "employer", "room"],
        persisted: ["room"],
        number: 2)
      let person = service.person()
      try await service.found(person)
      _ = try await service.sql(
        "INSERT INTO directory.attribute SELECT tenant, id, 'employer', 'Fabrikam' FROM directory.user")
      let answers = Self.fabrikam.merging(["room": "7"]) { $1 }
      let add = service.answering(answers, service.request(for: person))
      try await service.fulfil([add])
      #expect(try await service.attributes() == "costCenter=4711 employer=Fabrikam room=7")
      _ = try await service.sql("UPDATE directory.attribute SET value = '1' WHERE name = 'costCenter'")
      try await service.fulfil([service.request(.userRemove, for: person, assignment: add.id)])
      #expect(try await service.attributes() == "costCenter=1 employer=Fabrikam room=7")
      #expect(try await service.sql("SELECT count(*) FROM account_attribute") == "0")
    }
  }

  @Test(
    "What was there before is given back with the last access, unless somebody else has changed it meanwhile",
    arguments: [false, true])
  func givesBack(isExternal: Bool) async throws {
    let fate = Switch(nil)
    let fault: @Sendable () -> Fault? = { fate.fault }
    try await ProvisioningFixture.run(fault: isExternal ? fault : nil) { service in
      try await service.configure(
        service.package, roles: ["reader"], attributes: ["costCenter", "employer", "room"],
        persisted: ["room"], number: 2)
      let person = service.person()
      try await service.found(person)
      _ = try await service.sql(
        """
        INSERT INTO directory.attribute SELECT tenant, id, name, 'before' FROM directory.user,
          unnest(ARRAY['costCenter', 'employer', 'room']) AS name
        """)
      /// Said twice, and the connector's first answers are lost.
      func fulfil(_ request: AccessRequest) async throws {
        fate.turn(to: isExternal ? .answerLost : nil)
        for _ in 0..<2 { try await service.fulfil([request]) }
        try await service.work()
        fate.turn(to: nil)
        service.advance(by: Period(seconds: 3_600))
        try await service.work()
      }
      let answers = Self.fabrikam.merging(["room": "7"]) { $1 }
      let add = service.answering(answers, service.request(for: person))
      try await fulfil(add)
      #expect(try await service.attributes() == "costCenter=4711 employer=Fabrikam room=7")
      _ = try await service.sql("UPDATE directory.attribute SET value = '1' WHERE name = 'employer'")
      try await fulfil(service.request(.userRemove, for: person, assignment: add.id))
      #expect(try await service.attributes() == "costCenter=before employer=1 room=7")
      #expect(try await service.sql("SELECT count(*) FROM account_attribute") == "0")
      #expect(try await service.sql("SELECT count(*) FROM guest_work") == "0")
    }
  }

  @Test(
    "Faults are ridden out: it is written once the connector is back, and cleared in the end",
    arguments: [Fault.down, .throttled(5), .answerLost])
  func survives(_ fault: Fault) async throws {
    let fate = Switch(nil)
    try await ProvisioningFixture.run(fault: { fate.fault }) { service in
      try await service.configure(service.package, roles: ["reader"], attributes: ["costCenter"], number: 2)
      let adds = (0..<20).map {
        service.answering(["costCenter": "\($0)"], service.request(for: service.person("p\($0)")))
      }
      fate.turn(to: fault)
      try await service.fulfil(adds)
      for _ in 0..<3 {
        try await service.work()
        service.advance(by: Period(seconds: 120))
      }
      fate.turn(to: nil)
      service.advance(by: Period(seconds: 3_600))
      try await service.work()
      #expect(try await service.sql("SELECT state, count(*) FROM assignment GROUP BY 1") == "delivered|20")
      #expect(try await service.sql("SELECT count(DISTINCT value) FROM directory.attribute") == "20")
      fate.turn(to: fault)
      try await service.fulfil(adds.map { service.request(.userRemove, for: $0.target, assignment: $0.id) })
      for _ in 0..<3 {
        try await service.work()
        service.advance(by: Period(seconds: 120))
      }
      fate.turn(to: nil)
      service.advance(by: Period(seconds: 3_600))
      try await service.work()
      #expect(try await service.attributes() == "")
      #expect(try await service.sql("SELECT count(*) FROM guest_work") == "0")
    }
  }

  @Test("A worker that dies between the write and its record leaves nothing behind", arguments: 4...5)
  func crash(stages: Int) async throws {
    try await ProvisioningFixture.run(fault: { nil }) { service in
      try await service.configure(service.package, roles: ["reader"], attributes: ["costCenter"], number: 2)
      let add = service.answering(["costCenter": "4711"], service.request(for: service.person()))
      try await service.fulfil([add])
      try await service.visitAndDie(afterStages: stages)
      let written = try await service.attributes()
      #expect(written == (stages == 5 ? "costCenter=4711" : ""))
      #expect(try await service.assignment(add.id)?.state == .delivering)
      try await service.fulfil([service.request(.adminRemove, for: add.target, assignment: add.id)])
      service.advance(by: Period(seconds: 60))
      try await service.work()
      #expect(try await service.attributes() == "")
      #expect(try await service.assignment(add.id)?.state == .expired)
    }
  }

  @Test("Decision 20: what can not be written shows as partly delivered, with its error; access stays")
  func fails() async throws {
    try await ProvisioningFixture.run(fault: { nil }) { service in
      try await service.configure(service.package, roles: ["reader"], attributes: ["costCenter"], number: 2)
      let add = service.answering(["costCenter": "4711"], service.request(for: service.person()))
      try await service.fulfil([add])
      // The role is granted; then somebody deletes the account under our hands.
      try await service.visitAndDie(afterStages: 4)
      _ = try await service.sql("DELETE FROM directory.user")
      service.advance(by: Period(seconds: 60))
      try await service.work()
      let partial = try #require(try await service.assignment(add.id))
      #expect(partial.state == .partiallyDelivered && partial.attributeFailure == .resourceMissing)
      #expect(partial.endsAt != nil && partial.failure == nil)
      #expect(try await service.memberships() == 1)
      #expect(try await service.sql("SELECT count(*) FROM guest_work") == "0", "it is not tried for ever")
      // Somebody mends it, and has it tried again.
      _ = try await service.sql(
        "INSERT INTO directory.user SELECT tenant, guest, 'mended', 'm', 'm', true, guest::text FROM account")
      let again = ReprocessAssignments(settle: service.settle)
      let manager = Permission(
        principal: service.caller([GrantedRole(role: .tenantAdministrator)]), tenant: service.tenant)
      let tenant = service.tenant
      try await service.commit { work in _ = try again([add.id], tenant: tenant, manager, work) }
      try await service.work()
      let mended = try #require(try await service.assignment(add.id))
      #expect(mended.state == .delivered && mended.attributeFailure == nil)
      #expect(try await service.attributes() == "costCenter=4711")
      try await service.fulfil([service.request(.userRemove, for: add.target, assignment: add.id)])
      try await service.work()
      #expect(try await service.assignment(add.id)?.state == .expired)
    }
  }

  @Test("A package that asks for other attributes brings them to its holders, as far as they have answered")
  func packageChange() async throws {
    try await ProvisioningFixture.run { service in
      let add = service.answering(Self.fabrikam, service.request(for: service.person()))
      try await service.fulfil([add])
      #expect(try await service.attributes() == "", "nobody asks for them")
      let changes: [(attributes: [String], expected: String)] = [
        (["costCenter"], "costCenter=4711"), (["employer", "room"], "employer=Fabrikam"), ([], ""),
      ]
      for (number, (attributes, expected)) in changes.enumerated() {
        try await service.configure(
          service.package, roles: ["reader"], attributes: attributes, number: number + 2)
        let change = ChangePackages(settle: service.settle)
        var hasMore = true
        while hasMore { hasMore = try await service.transactor.commit(tenants: []) { try change($0) } }
        #expect(try await service.attributes() == expected)
      }
    }
  }
}

extension ProvisioningFixture {
  /// The same request, with answers for attributes.
  func answering(
    _ values: [String: String], _ request: AccessRequest, update: AccessRequest.Update? = nil
  )
    -> AccessRequest
  {
    AccessRequest(
      id: request.id, tenant: tenant, version: 1, kind: request.kind, update: update, state: .delivering,
      status: .delivering, target: request.target, requestor: request.requestor,
      accessPackage: request.accessPackage, assignmentPolicy: request.assignmentPolicy, organization: nil,
      assignment: request.assignment, justification: "",
      answers: values.sorted { $0.key < $1.key }.map {
        QuestionAnswer(question: "directory.\($0)", values: [$1])
      }, startsAt: nil, term: request.term, createdAt: now, completedAt: nil)
  }

  fileprivate func edit(_ values: [String: String], of add: AccessRequest) -> AccessRequest {
    answering(
      values, request(.userUpdate, for: add.target, assignment: add.id, term: Term()), update: .answers)
  }

  /// What the directory's users bear.
  fileprivate func attributes() async throws -> String {
    try await sql("SELECT string_agg(name || '=' || value, ' ' ORDER BY name) FROM directory.attribute")
  }
}
