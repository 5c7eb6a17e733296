import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Who asks, by type: nobody asks in the system's name")
struct RequestKindTests {
  @Test("Whatever callers ask for, and whoever they are, no request of theirs is of a type of the system's")
  func callers() async throws {
    try await IntakeFixture.run { intake in
      let (ann, second) = (try await intake.person("ann"), UUID())
      try await intake.putSecondPolicy(second)
      var kinds: Set<AccessRequest.Kind> = []
      for (name, principal) in [("own", ann), ("bob", intake.administrator())] {
        let held = try await intake.delivered(try await intake.person(name))
        let who = name == "own" ? intake.guest(name, subject: UUID(text: held.target.subject)) : principal
        let moved = try await intake.move(held, to: second, by: who).get()
        try await intake.fold([intake.moved(held, by: moved, version: 3)])
        intake.wait(.days(25))
        let extended = try await intake.extend(held, by: who).get()
        let removed = try await intake.remove(held, by: who).get()
        for made in [held, moved, extended, removed] {
          kinds.insert(try AccessRequest.Kind(made.requestType))
        }
      }
      let assigned = try await intake.submit(by: intake.administrator()) {
        ($0.targetSubject, $0.assignmentPolicy) = (ann.subject, intake.policy)
      }
      kinds.insert(try AccessRequest.Kind(assigned.requestType))
      #expect(kinds == [.userAdd, .userUpdate, .userRemove, .adminAdd, .adminUpdate, .adminRemove])
    }
  }

  @Test(
    "An approver who takes it back, and a person who leaves, end access by requests of types of their own")
  func others() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      try await intake.decide(try await intake.delivered(ann), .approved, isRevoked: true)
      _ = try await intake.delivered(bob)
      let leaving = try #require(bob.subject)
      try await intake.end(.with { $0.id = leaving.text })
      let kinds = try await intake.read { connection in
        try connection.values("SELECT DISTINCT kind FROM request", as: AccessRequest.Kind.self)
      }
      #expect(Set(kinds) == [.userAdd, .approverRemove, .systemRemove])
    }
  }

  @Test("Messages that ask have no field for a type")
  func messages() throws {
    let asking: [any SwiftProtobuf.Message] = [
      Vestibule_Api_V1_SubmitRequest(), Vestibule_Api_V1_ExtendRequest(), Vestibule_Api_V1_RemoveRequest(),
      Vestibule_Api_V1_ChangePolicyRequest(), Vestibule_Api_V1_ResubmitRequest(),
    ]
    for message in asking {
      #expect(throws: (any Error).self) {
        try type(of: message).init(jsonString: "{\"requestType\": \"systemAdd\"}")
      }
    }
  }
}
