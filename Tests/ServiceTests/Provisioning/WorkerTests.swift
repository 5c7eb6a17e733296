import EntitlementModel
import Foundation
import Protocols
import Synchronization
import Testing

@testable import Messaging
@testable import Provisioning

/// A fault that a test switches on and off.
final class Switch: Sendable {
  private let present: Mutex<Fault?>

  init(_ fault: Fault? = nil) {
    present = Mutex(fault)
  }

  var fault: Fault? { present.withLock { $0 } }

  func turn(to fault: Fault?) {
    present.withLock { $0 = fault }
  }
}

@Suite struct WorkerTests {
  @Test("An external connector is told by a worker, from the invitation to the block")
  func reachesFarAway() async throws {
    try await ProvisioningFixture.run(fault: { nil }) { service in
      let person = service.person()
      let add = service.request(for: person)
      try await service.fulfil([add])
      #expect(try await service.assignment(add.id)?.state == .delivering)
      try await service.work()
      #expect(try await service.assignment(add.id)?.state == .delivered)
      try await service.fulfil([service.request(.userRemove, for: person, assignment: add.id)])
      #expect(try await service.assignment(add.id)?.state == .removing)
      try await service.work()
      #expect(try await service.assignment(add.id)?.state == .expired)
      #expect(try await service.guest(person.subject)?.state == .blocked)
      #expect(try await service.sql("SELECT is_enabled FROM directory.user") == "f")
      #expect(try await service.sql("SELECT count(*) FROM guest_work") == "0")
    }
  }

  @Test(
    "Fifty approvals are all delivered once the connector is back, without a hand",
    arguments: [Fault.down, .throttled(5), .answerLost])
  func survives(_ fault: Fault) async throws {
    let fate = Switch(fault)
    try await ProvisioningFixture.run(fault: { fate.fault }) { service in
      let requests = (0..<50).map { service.request(for: service.person("p\($0)")) }
      try await service.fulfil(requests)
      for _ in 0..<3 {
        try await service.work()
        service.advance(by: Period(seconds: 120))
      }
      fate.turn(to: nil)
      service.advance(by: Period(seconds: 3_600))
      try await service.work()
      #expect(try await service.sql("SELECT state, count(*) FROM assignment GROUP BY 1") == "delivered|50")
      #expect(try await service.memberships() == 50)
      #expect(try await service.sql("SELECT DISTINCT provenance FROM entitlement") == "ours")
    }
  }

  @Test("What went wrong is stored in closed words, and nothing else can be", arguments: TargetError.allCases)
  func closedWords(_ error: TargetError) async throws {
    try await ProvisioningFixture.run { service in
      try await service.fulfil([service.request(for: service.person())])
      for table in ["entitlement", "account_attribute"] {
        _ = try await service.sql("UPDATE \(table) SET last_error = '\(error.rawValue)'")
      }
      await #expect(throws: (any Error).self) {
        try await service.sql("UPDATE entitlement SET last_error = 'No mailbox anna@fabrikam.example'")
      }
    }
  }

  @Test("Access that a killed worker gave without saying so is taken away in the end")
  func forgetsNothing() async throws {
    try await ProvisioningFixture.run(fault: { nil }) { service in
      let person = service.person()
      let add = service.request(for: person)
      try await service.fulfil([add])
      try await service.visitAndDie(afterStages: 3)
      #expect(try await service.memberships() == 1)
      #expect(try await service.assignment(add.id)?.state == .delivering)
      try await service.fulfil([service.request(.adminRemove, for: person, assignment: add.id)])
      service.advance(by: Period(seconds: 60))
      try await service.work()
      #expect(try await service.memberships() == 0)
      #expect(try await service.assignment(add.id)?.state == .expired)
    }
  }

  @Test("Who has lost its lease records nothing")
  func losesLease() async throws {
    try await ProvisioningFixture.run(fault: { nil }) { service in
      let add = service.request(for: service.person())
      try await service.fulfil([add])
      let slow = service.worker()
      let visit = try await slow.lease()
      let stage = try #require(try await slow.record(visit, nil))
      let answers = await ConnectorCalls(connectors: service.settle.connectors, limit: .seconds(5))(stage)
      service.advance(by: Period(seconds: 60))
      try await service.work()
      let settled = try await service.sql("TABLE assignment; TABLE account; TABLE entitlement")
      #expect(try await slow.record(visit, answers) == nil)
      #expect(try await service.sql("TABLE assignment; TABLE account; TABLE entitlement") == settled)
      #expect(try await service.assignment(add.id)?.state == .delivered)
    }
  }

  @Test("A call that does not come back in time is looked into, not repeated blindly")
  func observesAfterTimeout() async throws {
    let answers: [RoleAnswer] = await CallDeadline.within(.milliseconds(20), 1) {
      try? await Task.sleep(for: .seconds(5))
      return [.success(false)]
    }
    #expect(answers == [.failure(.outcomeUnknown)])
  }

  @Test("An approval that could not be delivered for thirty days lapses")
  func lapses() async throws {
    let fate = Switch(.down)
    try await ProvisioningFixture.run(fault: { fate.fault }) { service in
      let add = service.request(for: service.person())
      try await service.fulfil([add])
      try await service.work()
      _ = try await service.sql("UPDATE assignment SET began_at = began_at - interval '31 days'")
      fate.turn(to: nil)
      service.advance(by: .days(1))
      try await service.work()
      let assignment = try #require(try await service.assignment(add.id))
      #expect(assignment.state == .expired && assignment.endReason == .deliveryLapsed)
      #expect(try await service.memberships() == 0)
    }
  }
}

extension ProvisioningFixture {
  /// A worker that asks so many times and is gone before it can record the last answers.
  func visitAndDie(afterStages count: Int) async throws {
    let worker = worker()
    let visit = try await worker.lease()
    let calls = ConnectorCalls(connectors: settle.connectors, limit: .seconds(60))
    var stage = try await worker.record(visit, nil)
    for number in 1...count {
      guard let asked = stage else { return }
      let answers = await calls(asked)
      if number == count { return }
      stage = try await worker.record(visit, answers)
    }
  }
}
