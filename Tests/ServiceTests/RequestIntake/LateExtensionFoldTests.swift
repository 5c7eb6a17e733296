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

@Suite("Decision 10: an extension that is undecided when the access ends makes a new assignment")
struct LateExtensionFoldTests {
  /// Access of somebody's that ends in ten days, and an extension of it that waits for approval.
  private struct Story {
    let person: Principal
    let access, update: Vestibule_Model_V1_Request

    init(_ intake: IntakeFixture, _ name: String = "ann") async throws {
      person = try await intake.person(name)
      access = try await intake.submit(by: person)
      try await intake.decide(access, .approved)
      try await intake.fold([intake.assignment(of: access, .delivered, version: 2)])
      intake.wait(.days(170))
      update = try await intake.extend(access, by: person).get()
    }

    /// The clock has ended the access.
    func end(_ intake: IntakeFixture, because reason: Vestibule_Model_V1_Assignment.EndReason = .timeUp)
      async throws
    {
      try await intake.fold([
        intake.assignment(of: access, .expired, version: 3, days: 0) { $0.endReason = reason }
      ])
    }
  }

  enum News: Sendable { case yes, end }

  @Test(
    "Whichever is heard first, and however often: one new assignment, with the end that the extension gave",
    arguments: [[News.end, .yes], [.yes, .end], [.end, .end, .yes, .yes], [.yes, .yes, .end, .yes, .end]])
  func anyOrder(_ order: [News]) async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let story = try await Story(intake)
      intake.wait(.days(11))
      let decided = intake.now
      for news in order {
        switch news {
        case .yes: try await intake.decide(story.update, .approved)
        case .end: try await story.end(intake)
        }
      }
      let renewed = try #require(try await intake.request(story.update.id)).request
      #expect(renewed.kind == .userUpdate && renewed.state == .delivering)
      #expect(renewed.assignment == renewed.id)
      #expect(renewed.term.latestEnd?.isSameInstant(as: decided + .days(180)) == true)
      // Once for the access, once for the extension, and once more where that came to nothing.
      #expect(try await intake.told(.requestApproved) == (order[0] == .end ? 2 : 3))
      let beside = try await intake.submit([intake.submission(by: story.person)])[0]
      #expect(beside.refusalCodes == [.openRequestExists])
      var own = story.update
      own.assignment = own.id
      try await intake.fold([intake.assignment(of: own, .delivered, version: 2)])
      try await story.end(intake)
      #expect(try await intake.request(story.update.id)?.request.state == .delivered)
      #expect(try await intake.told(.requestDelivered) == 2)
      #expect(try await intake.told(.requestCanceled) == 0)
    }
  }

  @Test("Both at the same moment, for twenty people: each has one new assignment, nobody two, nobody none")
  func races() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      var stories: [Story] = []
      for number in 0..<20 { stories.append(try await Story(intake, "p\(number)")) }
      intake.wait(.days(11))
      try await withThrowingTaskGroup { group in
        for story in stories {
          group.addTask { try await story.end(intake) }
          group.addTask { try await intake.decide(story.update, .approved) }
        }
        try await group.waitForAll()
      }
      for story in stories {
        let renewed = try #require(try await intake.request(story.update.id)).request
        #expect(renewed.isRenewal && renewed.state == .delivering)
      }
      let live = try await intake.read {
        try $0.value("SELECT count(*) FROM request WHERE is_live", as: Int.self)
      }
      #expect(live == stories.count)
    }
  }

  @Test("While it waits it is the one open request for the package; denied, the same may be asked for anew")
  func waits() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let story = try await Story(intake)
      try await story.end(intake)
      let beside = try await intake.submit([intake.submission(by: story.person)])[0]
      guard case .failure(let refusal) = beside else {
        Issue.record("two requests for one package")
        return
      }
      #expect(refusal.reasons.map(\.hint) == [story.update.id])
      try await intake.decide(story.update, .denied)
      #expect(try await intake.request(story.update.id)?.request.state == .denied)
      #expect(try await intake.submit([intake.submission(by: story.person)])[0].refusalCodes == [])
    }
  }

  @Test("An administrator's assignment takes its place, and the approval gives nothing")
  func givesWay() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let story = try await Story(intake)
      try await story.end(intake)
      let assigned = try await intake.submit(by: intake.administrator()) {
        $0.targetSubject = story.person.subject
      }
      try await intake.decide(story.update, .approved)
      #expect(try await intake.request(story.update.id)?.request.state == .canceled)
      #expect(try await intake.request(assigned.id)?.request.state == .delivering)
    }
  }

  @Test("Whoever asked for the end before it was known to be over has that", arguments: [true, false])
  func removedMeanwhile(isHeardFirst: Bool) async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let story = try await Story(intake)
      let removal = try await intake.remove(story.access, by: story.person).get()
      if isHeardFirst { try await intake.decide(story.update, .approved) }
      try await story.end(intake)
      try await intake.decide(story.update, .approved)
      #expect(try await intake.request(story.update.id)?.request.status == .assignmentEnded)
      #expect(try await intake.request(removal.id)?.request.state == .delivered)
      #expect(try await intake.submit([intake.submission(by: story.person)])[0].refusalCodes == [])
    }
  }

  @Test("Access that something else than the clock has ended is not made anew")
  func endedOtherwise() async throws {
    let reasons = Vestibule_Model_V1_Assignment.EndReason.allCases.filter { $0 != .timeUp && $0 != .none }
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      for reason in reasons {
        let story = try await Story(intake, "p\(reason.rawValue)")
        try await story.end(intake, because: reason)
        try await intake.decide(story.update, .approved)
        #expect(try await intake.request(story.update.id)?.request.status == .assignmentEnded, "\(reason)")
      }
    }
  }

  @Test("Approved when a cap has passed, there is nothing left to give")
  func endPassed() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let contractEnd = intake.now + .days(190)
      try await intake.putOrganization { $0.contractEnd = .init(contractEnd) }
      let story = try await Story(intake)
      intake.wait(.days(10))
      try await story.end(intake)
      intake.wait(.days(11))
      try await intake.decide(story.update, .approved)
      let stored = try #require(try await intake.request(story.update.id)).request
      #expect(stored.state == .denied && stored.status == .endPassed)
    }
  }

  @Test("What was answered for the access is answered for the new one")
  func answers() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let ann = try await intake.person("ann")
      try await intake.putPolicy {
        $0.requestorSettings = .with {
          ($0.enableTargetsToSelfAddAccess, $0.enableTargetsToSelfUpdateAccess) = (true, true)
        }
        $0.questions = [.with { ($0.id, $0.text, $0.textInput) = ("project", "Which?", .init()) }]
      }
      let access = try await intake.submit(by: ann) {
        $0.answers = [QuestionAnswer(question: "project", values: ["Phoenix"])]
      }
      try await intake.fold([intake.assignment(of: access, .delivered, version: 2)])
      intake.wait(.days(170))
      // It needs no approval, and comes too late all the same.
      let update = try await intake.extend(access, by: ann).get()
      try await intake.fold([
        intake.assignment(of: access, .expired, version: 3, days: 10) { $0.endReason = .timeUp }
      ])
      let renewed = try #require(try await intake.request(update.id)).request
      #expect(renewed.isRenewal && renewed.state == .delivering)
      #expect(renewed.answers.map(\.values) == [["Phoenix"]])
    }
  }

  @Test("Its approval can be taken back: the new assignment ends")
  func revoked() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let story = try await Story(intake)
      try await story.end(intake)
      try await intake.decide(story.update, .approved)
      var own = story.update
      own.assignment = own.id
      try await intake.fold([intake.assignment(of: own, .delivered, version: 2)])
      let before = try await intake.told(.requestApproved)
      try await intake.decide(story.update, .approved, isRevoked: true)
      try await intake.decide(story.update, .approved, isRevoked: true)
      #expect(try await intake.told(.requestApproved) == before + 1)
      let removal = try await intake.read { [id = story.update.id] in
        try $0.values(
          "SELECT kind FROM request WHERE assignment = \(UUID(text: id) ?? UUID()) AND open_change = 'remove'",
          as: String.self)
      }
      #expect(removal == ["approverRemove"])
    }
  }

  @Test("Whoever leaves, or whose organization ends, while it waits gets nothing")
  func leaves() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let story = try await Story(intake)
      try await story.end(intake)
      let id = try #require(story.person.subject)
      _ = try await intake.commit { work in
        try EndSubject(store: intake.store)(
          id, reason: "left", tenant: intake.tenant, principal: intake.operatorPrincipal, work)
      }.get()
      try await intake.decide(story.update, .approved)
      #expect(try await intake.request(story.update.id)?.request.state == .canceled)
    }
  }
}
