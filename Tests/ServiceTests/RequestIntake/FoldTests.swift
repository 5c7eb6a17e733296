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

@Suite("Following assignments")
struct FoldTests {
  @Test(
    "Whatever the order, and however often, the newest state counts",
    arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 1, 0, 2]])
  func anyOrder(_ order: [Int]) async throws {
    try await IntakeFixture.run { intake in
      let request = try await intake.submit(by: try await intake.person("ann"))
      let states = [
        intake.assignment(of: request, .partiallyDelivered, version: 2),
        intake.assignment(of: request, .delivered, version: 3),
        intake.assignment(of: request, .delivered, version: 4, days: 360),
      ]
      for index in order { try await intake.fold([states[index]]) }
      let stored = try #require(try await intake.request(request.id))
      #expect(stored.request.state == .delivered)
      #expect(stored.assignment?.version.number == 4)
      #expect(stored.assignment?.endsAt?.isSameInstant(as: intake.now + .days(360)) == true)
      #expect(try await intake.told(.requestDelivered) == 1)
    }
  }

  @Test("Several states in one batch are one step")
  func oneBatch() async throws {
    try await IntakeFixture.run { intake in
      let request = try await intake.submit(by: try await intake.person("ann"))
      try await intake.fold([
        intake.assignment(of: request, .delivered, version: 3),
        intake.assignment(of: request, .partiallyDelivered, version: 2),
      ])
      #expect(try await intake.request(request.id)?.request.version == 2)
    }
  }

  @Test("After the end of access the same may be asked for again, not before")
  func again() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let request = try await intake.submit(by: ann)
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      #expect(try await intake.submit([intake.submission(by: ann)])[0].refusalCodes == [.openRequestExists])
      try await intake.fold([intake.assignment(of: request, .expired, version: 4)])
      #expect(try await intake.submit([intake.submission(by: ann)])[0].refusalCodes == [])
    }
  }

  @Test("An end that waits for an extension which is being asked for ends that, too")
  func endDuringExtension() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let request = try await intake.submit(by: ann)
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      intake.wait(.days(170))
      let asked = try Extension(ask: intake.ask(request, by: ann))
      let (extended, ending) = try await intake.commit { [store = intake.store] work in
        let extended = try ExtendAssignments(store: store)([asked], work)[0].get()
        let ending = Task { try await intake.fold([intake.assignment(of: request, .expired, version: 3)]) }
        // Whoever waits for a row holds its place in the queue.
        let waiting: SQL = """
          SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
          WHERE d.datname = current_database() AND l.locktype = 'tuple'
          """
        let limit = Date(timeIntervalSinceNow: 8)
        while try work.connection.value(waiting, as: Int.self) == 0, Date() < limit {}
        #expect(try work.connection.value(waiting, as: Int.self) == 1)
        return (extended, ending)
      }
      try await ending.value
      #expect(extended.state == .delivering)
      #expect(try await intake.request(extended.id)?.request.completedAt != nil)
    }
  }

  @Test("A failed delivery is told, and one that succeeds later does not crowd out a newer request")
  func lateSuccess() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let failed = try await intake.submit(by: ann)
      try await intake.fold([
        intake.assignment(of: failed, .deliveryFailed, version: 2) { $0.failure.code = "connectorRefused" }
      ])
      #expect(try await intake.told(.requestDeliveryFailed) == 1)
      let second = try await intake.submit(by: ann)
      try await intake.fold([intake.assignment(of: failed, .delivered, version: 3)])
      #expect(try await intake.request(failed.id)?.request.state == .delivered)
      #expect(try await intake.request(second.id)?.request.state == .delivering)
    }
  }

  @Test("Another tenant's event changes nothing")
  func otherTenant() async throws {
    try await IntakeFixture.run { intake in
      let request = try await intake.submit(by: try await intake.person("ann"))
      let other = IntakeFixture(sharing: intake)
      try await other.configure()
      try await other.fold([intake.assignment(of: request, .delivered, version: 2)])
      #expect(try await intake.request(request.id)?.request.state == .delivering)
      #expect(try await other.request(request.id) == nil)
    }
  }
}

@Suite("Extension, removal, cancellation")
struct ChangeTests {
  @Test("Extension opens in the last 30 days, once, and is answered by the assignment")
  func extension_() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let request = try await intake.submit(by: ann)
      #expect(try await intake.extend(request, by: ann).refusalCodes == [.assignmentNotLive])
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      #expect(try await intake.extend(request, by: ann).refusalCodes == [.extensionTooEarly])
      intake.wait(.days(160))
      let codes = try await intake.extend(request, by: try await intake.person("bob")).refusalCodes
      #expect(codes == [.notFound])
      let update = try await intake.extend(request, by: ann).get()
      #expect(update.requestType == .userUpdate)
      #expect(update.endDateTime.instant?.isSameInstant(as: intake.now + .days(180)) == true)
      let second = try await intake.extend(request, by: ann)
      #expect(second.refusalCodes == [.openRequestExists])
      try await intake.fold([
        intake.assignment(of: request, .delivered, version: 3) { $0.answeredRequest = update.id }
      ])
      #expect(try await intake.request(update.id)?.request.state == .delivered)
    }
  }

  @Test("An extension that is approved after access was taken away ends with it")
  func extensionTooLate() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      try await intake.requireApproval()
      let request = try await intake.submit(by: ann)
      try await intake.decide(request, .approved)
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      intake.wait(.days(160))
      let update = try await intake.extend(request, by: ann).get()
      #expect(update.state == .pendingApproval)
      try await intake.fold([
        intake.assignment(of: request, .expired, version: 3) { $0.endReason = .removedByPerson }
      ])
      try await intake.decide(update, .approved)
      #expect(try await intake.request(update.id)?.request.status == .assignmentEnded)
    }
  }

  @Test("A person gives access up, once; the end of the assignment completes the removal")
  func removal() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let request = try await intake.submit(by: ann)
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      let removal = try await intake.remove(request, by: ann).get()
      #expect(removal.requestType == .userRemove)
      #expect(try await intake.remove(request, by: ann).get().id == removal.id)
      try await intake.fold([intake.assignment(of: request, .expired, version: 3)])
      #expect(try await intake.request(removal.id)?.request.state == .delivered)
      #expect(try await intake.remove(request, by: ann).refusalCodes == [.assignmentNotLive])
    }
  }

  @Test("An administrator's removal cancels what waits; a policy may keep people from removing")
  func administratorsRemoval() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      try await intake.requireApproval()
      let waiting = try await intake.submit(by: ann)
      #expect(try await intake.remove(waiting, by: intake.administrator()).get().state == .canceled)
      try await intake.putPolicy { $0.requestorSettings.enableTargetsToSelfAddAccess = true }
      let request = try await intake.submit(by: ann)
      #expect(try await intake.remove(request, by: ann).refusalCodes == [.selfRemoveNotAllowed])
      #expect(try await intake.remove(request, by: intake.administrator()).get().requestType == .adminRemove)
    }
  }

  @Test("A request is taken back by whoever made it, until it is granted")
  func cancellation() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      let granted = try await intake.submit(by: bob)
      try await intake.requireApproval()
      let waiting = try await intake.submit(by: ann)
      func cancel(_ request: Vestibule_Model_V1_Request, _ principal: Principal) async throws
        -> Vestibule_Model_V1_Request
      {
        let id = try Field.id(request.id, at: "id")
        return try await intake.commit { work in
          try CancelRequest(store: intake.store)(id, tenant: intake.tenant, principal: principal, work).get()
        }
      }
      #expect(try await refusalCodes { try await cancel(waiting, bob) } == [.notFound])
      #expect(try await cancel(waiting, ann).state == .canceled)
      #expect(try await cancel(waiting, ann).state == .canceled)
      #expect(try await refusalCodes { try await cancel(granted, bob) } == [.notCancelable])
      #expect(try await intake.told(.requestCanceled) == 1)
    }
  }

  @Test("Whoever leaves has open requests canceled and access removed; no second time")
  func leaving() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let request = try await intake.submit(by: ann)
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      let id = try #require(ann.subject)
      intake.wait(.days(1))
      for _ in 0..<2 {
        let ended = try await intake.commit { work in
          try EndSubject(store: intake.store)(
            id, reason: "left", tenant: intake.tenant, principal: intake.operatorPrincipal, work)
        }.get()
        #expect(ended.hasLeftAt)
      }
      #expect(try await intake.told(.subjectChanged) == 1)
      #expect(try await intake.told(.requestApproved) == 2)
      let requests = try await intake.read { [tenant = intake.tenant] in
        try RequestTable(connection: $0).page(
          tenant: tenant, of: [id], package: nil, after: nil, limit: 10)
      }
      #expect(requests.map(\.request.kind) == [.userAdd, .systemRemove])
    }
  }
}
