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

extension IntakeFixture {
  func reprocess(
    _ requests: [Vestibule_Model_V1_Request], by principal: Principal? = nil
  ) async throws -> [RequestAnswers.Answer] {
    let (ids, caller) = (requests.compactMap { UUID(text: $0.id) }, principal ?? administrator())
    return try await commit { [store, tenant] work in
      try ReprocessRequests(store: store)(ids, tenant: tenant, principal: caller, work)
    }
  }

  /// A request whose delivery has failed.
  func failed(_ principal: Principal) async throws -> Vestibule_Model_V1_Request {
    let request = try await submit(by: principal)
    try await fold([
      assignment(of: request, .deliveryFailed, version: 2) { $0.failure.code = "connectorRefused" }
    ])
    return request
  }
}

@Suite("Reprocessing requests by hand")
struct ReprocessTests {
  @Test(
    "A failed delivery begins anew, once in effect however often it is asked, and may fail and be tried again"
  )
  func failedDelivery() async throws {
    try await IntakeFixture.run { intake in
      let request = try await intake.failed(try await intake.person("ann"))
      let again = try await intake.reprocess([request, request]).map { try $0.get() }
      #expect(again.map(\.state) == [.delivering, .delivering])
      #expect(again.map(\.redeliveries) == [1, 1] && again.allSatisfy { !$0.hasCompletedAt })
      #expect(try await intake.told(.requestApproved) == 2)
      // What is on its way is tried at once, not begun anew.
      #expect(try await intake.reprocess([request])[0].get().redeliveries == 1)
      try await intake.fold([
        intake.assignment(of: request, .deliveryFailed, version: 4) { $0.failure.code = "connectorRefused" }
      ])
      #expect(try await intake.request(request.id)?.request.state == .deliveryFailed)
      #expect(try await intake.reprocess([request])[0].get().redeliveries == 2)
      try await intake.fold([intake.assignment(of: request, .delivered, version: 6)])
      #expect(try await intake.request(request.id)?.request.state == .delivered)
    }
  }

  @Test(
    "What is delivered is asserted anew, and stays what it is; what has ended, or is being taken away, is not"
  )
  func delivered() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let request = try await intake.submit(by: ann)
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      let again = try await intake.reprocess([request])[0].get()
      #expect(again.state == .delivered && again.assertions == 1 && again.redeliveries == 0)
      _ = try await intake.remove(request, by: ann).get()
      #expect(try await intake.reprocess([request])[0].refusalCodes == [.notReprocessable])
      try await intake.fold([intake.assignment(of: request, .expired, version: 3)])
      #expect(try await intake.reprocess([request])[0].refusalCodes == [.notReprocessable])
    }
  }

  @Test("What was never granted is refused with what would be right")
  func otherStates() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let waiting = try await intake.submit(by: try await intake.person("ann"))
      let denied = try await intake.submit(by: try await intake.person("bob"))
      try await intake.decide(denied, .denied)
      let later = try await intake.submit(by: try await intake.person("eve")) {
        $0.startsAt = intake.now + .days(3)
      }
      try await intake.decide(later, .approved)
      let answers = try await intake.reprocess([waiting, denied, later])
      let reasons = answers.compactMap { answer -> Reason? in
        if case .failure(let refusal) = answer { refusal.reasons.first } else { nil }
      }
      #expect(reasons.map(\.code) == [.notReprocessable, .notReprocessable, .notReprocessable])
      #expect(
        reasons.map { $0.hint.split(separator: ":")[0] } == ["decide it", "ask anew", "wait for its start"])
      #expect(try await intake.told(.requestApproved) == 0)
    }
  }

  @Test("A failed delivery does not come back beside a newer request, nor does a newer one come beside it")
  func besideNewer() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let first = try await intake.failed(ann)
      let newer = try await intake.submit(by: ann)
      let refused = try await intake.reprocess([first])[0]
      #expect(refused.refusalCodes == [.openRequestExists])
      if case .failure(let refusal) = refused { #expect(refusal.reasons.first?.hint == newer.id) }
      try await intake.fold([
        intake.assignment(of: newer, .deliveryFailed, version: 2) { $0.failure.code = "connectorRefused" }
      ])
      // Both have failed now: one of them is tried again.
      let both = try await intake.reprocess([first, newer])
      #expect(both.map(\.refusalCodes) == [[], [.openRequestExists]])
      #expect(try await intake.submit([intake.submission(by: ann)])[0].refusalCodes == [.openRequestExists])
    }
  }

  @Test("Reprocessed and asked anew at once, one of the two stands", arguments: 0..<4)
  func races(_ round: Int) async throws {
    try await IntakeFixture.run { intake in
      var people: [Principal] = []
      for number in 0..<20 { people.append(try await intake.person("p\(number)")) }
      var requests: [Vestibule_Model_V1_Request] = []
      for person in people { requests.append(try await intake.failed(person)) }
      let (failed, askers) = (requests, people)
      async let reprocessed = intake.reprocess(failed)
      async let asked = intake.submit(askers.map { intake.submission(by: $0) })
      let (again, new) = try await (reprocessed, asked)
      for (one, other) in zip(again, new) {
        #expect([one, other].count { $0.refusalCodes.isEmpty } == 1)
      }
      let live = try await intake.read { connection in
        try connection.value(
          "SELECT count(*) FROM (SELECT 1 FROM request WHERE state = 'delivering' GROUP BY target_subject HAVING count(*) > 1) d",
          as: Int.self)
      }
      #expect(live == 0)
    }
  }

  @Test(
    "What has been forbidden since is not delivered: a bar, a domain, an ended organization, what excludes it"
  )
  func forbidden() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      let requests = [try await intake.failed(ann), try await intake.failed(bob)]
      try await intake.putSubject {
        ($0.id, $0.email) = (ann.subject?.text ?? "", "ann@fabrikam.example")
        $0.organization = intake.organization.text
        $0.bar.reason = "abuse"
      }
      #expect(try await intake.reprocess(requests).map(\.refusalCodes) == [[.subjectBarred], []])
      let carl = try await intake.failed(try await intake.person("carl"))
      // A policy that takes no more requests keeps what it gave.
      try await intake.putPolicy { $0.isDisabled = true }
      try await intake.put("domains") {
        $0.domainList = .with { ($0.mode, $0.domains) = (.deny, ["fabrikam.example"]) }
      }
      try await intake.putOrganization { $0.state = .ended }
      let codes = try await intake.reprocess([carl])[0].refusalCodes
      #expect(Set(codes) == [.domainDenied, .organizationEnded])
    }
  }

  @Test("Assignment managers of the package's catalog reprocess, nobody else")
  func whoMay() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let request = try await intake.failed(ann)
      let elsewhere = intake.administrator([GrantedRole(role: .assignmentManager, catalog: UUID())])
      let manager = intake.administrator([GrantedRole(role: .assignmentManager, catalog: intake.catalog)])
      let bob = try await intake.person("bob")
      #expect(try await intake.reprocess([request], by: ann)[0].refusalCodes == [.forbidden])
      #expect(try await intake.reprocess([request], by: bob)[0].refusalCodes == [.notFound])
      #expect(try await intake.reprocess([request], by: elsewhere)[0].refusalCodes == [.notFound])
      #expect(try await intake.reprocess([request], by: manager)[0].refusalCodes == [])
      let other = IntakeFixture(sharing: intake)
      try await other.configure()
      #expect(try await other.reprocess([request])[0].refusalCodes == [.notFound])
    }
  }
}
