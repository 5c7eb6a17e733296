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

@Suite("Asking for access")
struct SubmissionTests {
  @Test("Without approval a request is granted at once, and told with its package")
  func granted() async throws {
    try await IntakeFixture.run { intake in
      let request = try await intake.submit(by: try await intake.person("ann"))
      #expect(request.state == .delivering)
      #expect(request.assignment == request.id)
      #expect(request.duration == "P180D")
      #expect(request.organization == intake.organization.text)
      #expect(try await intake.told(.requestApproved) == 1)
      #expect(try await intake.told(.requestSubmitted) == 0)
    }
  }

  @Test("With approval it waits, until the approval's end decides")
  func approval() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let people = [
        try await intake.person("ann"), try await intake.person("bob"), try await intake.person("cid"),
      ]
      var requests: [Vestibule_Model_V1_Request] = []
      for person in people { requests.append(try await intake.submit(by: person)) }
      #expect(requests.allSatisfy { $0.state == .pendingApproval })
      try await intake.decide(requests[0], .approved)
      try await intake.decide(requests[0], .approved)
      try await intake.decide(requests[1], .denied)
      try await intake.decide(requests[2], .timedOut)
      #expect(try await intake.request(requests[0].id)?.request.state == .delivering)
      #expect(try await intake.request(requests[1].id)?.request.status == .denied)
      #expect(try await intake.request(requests[2].id)?.request.status == .timedOut)
      #expect(try await intake.told(.requestApproved) == 1)
      #expect(try await intake.told(.requestDenied) == 2)
    }
  }

  @Test("Of twenty identical submissions at once, through copies of their own, one is made")
  func twentyAtOnce() async throws {
    try await IntakeFixture.run { intake in
      let person = try await intake.person("ann")
      let answers = try await withThrowingTaskGroup(of: RequestAnswers.Answer.self) { group in
        for _ in 0..<20 {
          group.addTask { try await intake.submit([intake.submission(by: person)])[0] }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let made = answers.compactMap { try? $0.get().id }
      #expect(made.count == 1)
      for answer in answers {
        if case .failure(let refusal) = answer {
          #expect(refusal.reasons.map(\.code) == [.openRequestExists])
          #expect(refusal.reasons.first?.hint == made.first)
        }
      }
      #expect(try await intake.told(.requestApproved) == 1)
    }
  }

  @Test("Of two for the same person in one batch the second is refused; others are not touched by it")
  func mixedBatch() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      let answers = try await intake.submit([
        intake.submission(by: ann), intake.submission(by: ann),
        Submission(principal: ann, tenant: intake.tenant, accessPackage: UUID()), intake.submission(by: bob),
      ])
      #expect(answers.map(\.refusalCodes) == [[], [.openRequestExists], [.notFound], []])
    }
  }

  @Test("Somebody who signs in for the first time becomes a subject of the matched organization, once")
  func firstSignIn() async throws {
    try await IntakeFixture.run { intake in
      let answers = try await withThrowingTaskGroup(of: RequestAnswers.Answer.self) { group in
        for _ in 0..<5 {
          group.addTask { try await intake.submit([intake.submission(by: intake.guest("new"))])[0] }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.filter(\.refusalCodes.isEmpty).count == 1)
      let people = try await intake.read { [tenant = intake.tenant] in
        try SubjectTable(connection: $0).page(tenant: tenant, after: nil, limit: 10)
      }
      #expect(people.count == 1)
      #expect(people.first?.organization == intake.organization)
      #expect(people.first?.identities.map(\.subject) == ["new"])
      #expect(try await intake.told(.subjectChanged) == 0)
    }
  }

  @Test("A scheduled start is waited for, once")
  func scheduledStart() async throws {
    try await IntakeFixture.run { intake in
      let start = intake.now + .days(2)
      let request = try await intake.submit(by: try await intake.person("ann")) { $0.startsAt = start }
      #expect(request.state == .scheduled)
      #expect(try await intake.told(.requestApproved) == 0)
      #expect(try await intake.told(.requestScheduled) == 1)
      intake.wait(.days(3))
      let id = try #require(UUID(text: request.id))
      let deadline = Deadline(
        aggregate: id, kind: ScheduledStart.kind, tenant: intake.tenant,
        version: Version(epoch: 1, number: 1),
        dueAt: start)
      for _ in 0..<2 {
        let fired = try await intake.commit { work in
          try StartScheduledRequests(store: intake.store)([deadline], work)
        }
        #expect(fired.map(\.dueAt) == [nil])
      }
      #expect(try await intake.request(request.id)?.request.state == .delivering)
      #expect(try await intake.told(.requestApproved) == 1)
    }
  }

  @Test("An administrator's assignment needs no approval and takes the place of what waits")
  func administratorsDecide() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let ann = try await intake.person("ann")
      let asked = try await intake.submit(by: ann)
      let given = try await intake.submit(by: intake.administrator()) { $0.targetSubject = ann.subject }
      #expect(given.requestType == .adminAdd)
      #expect(given.state == .delivering)
      #expect(try await intake.request(asked.id)?.request.state == .canceled)
      #expect(try await intake.told(.requestCanceled) == 1)
      let again = try await intake.submit([
        intake.submission(by: intake.administrator()) { $0.targetSubject = ann.subject }
      ])
      #expect(again[0].refusalCodes == [.openRequestExists])
    }
  }

  @Test("An administrator's assignment that is refused takes nothing back")
  func refusedAdministrator() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let ann = try await intake.person("ann")
      let asked = try await intake.submit(by: ann)
      let refused = try await intake.submit([
        intake.submission(by: intake.administrator()) {
          ($0.targetSubject, $0.endsAt) = (ann.subject, intake.now.addingTimeInterval(-1))
        }
      ])
      #expect(refused[0].refusalCodes == [.endPassed])
      #expect(try await intake.request(asked.id)?.request.state == .pendingApproval)
    }
  }

  @Test("Somebody who is only known by address is assigned, and no second person is made")
  func byAddress() async throws {
    try await IntakeFixture.run { intake in
      try await intake.putPolicy { ($0.allowedTargetScope, $0.specificAllowedTargets) = (.notSpecified, []) }
      let item = intake.submission(by: intake.administrator()) { $0.targetEmail = "Zoe@fabrikam.example" }
      let first = try await intake.submit([item])[0].get()
      #expect(first.target.email == "Zoe@fabrikam.example")
      let second = try await intake.submit([item])
      #expect(second[0].refusalCodes == [.openRequestExists])
    }
  }

  @Test("Scope: everybody in the directory, and no stranger; guests are those who hold something")
  func directoryUsers() async throws {
    try await IntakeFixture.run { intake in
      let (archive, archivePolicy) = (UUID(), UUID())
      try await intake.put("archive", id: archive) {
        $0.accessPackage = .with { ($0.catalog, $0.displayName) = (intake.catalog.text, "Archive") }
      }
      try await intake.putPolicy("archive", id: archivePolicy) {
        $0.accessPackage = archive.text
        ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allDirectoryUsers, [])
      }
      let ann = try await intake.person("ann")
      let stranger = try await intake.submit([intake.submission(by: ann) { $0.accessPackage = archive }])[0]
      #expect(stranger.refusedWith == [.policyNotMatched])
      let held = try await intake.submit(by: ann)
      let waiting = try await intake.submit([intake.submission(by: ann) { $0.accessPackage = archive }])[0]
      #expect(waiting.refusedWith == [.policyNotMatched], "asked for is not held")
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2)])
      #expect(try await intake.submit(by: ann) { $0.accessPackage = archive }.state == .delivering)
    }
  }

  @Test("Scope: the people who are named")
  func namedPeople() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      try await intake.putPolicy {
        ($0.allowedTargetScope, $0.specificAllowedTargets) = (
          .specificDirectoryUsers, [ann.subject?.text ?? ""]
        )
      }
      let refused = try await intake.submit([intake.submission(by: bob)])[0]
      #expect(refused.refusedWith == [.policyNotMatched])
      #expect(try await intake.submit(by: ann).state == .delivering)
    }
  }

  @Test("Whoever asks chooses days only where the policy lets them; administrators always do")
  func chosenSchedule() async throws {
    try await IntakeFixture.run { intake in
      try await intake.putPolicy { $0.requestorSettings.enableTargetsToSelfAddAccess = true }
      let ann = try await intake.person("ann")
      let end = intake.now + .days(30)
      let refused = try await intake.submit([intake.submission(by: ann) { $0.endsAt = end }])[0]
      #expect(refused.refusedWith == [.scheduleNotAllowed])
      let assigned = try await intake.submit(by: intake.administrator()) {
        ($0.targetSubject, $0.endsAt) = (ann.subject, end)
      }
      #expect(assigned.endDateTime.instant == end)
    }
  }
}

extension RequestAnswers.Answer {
  var refusedWith: [Reason.Code] {
    switch self {
    case .success: []
    case .failure(let refusal): refusal.reasons.map(\.code)
    }
  }
}
