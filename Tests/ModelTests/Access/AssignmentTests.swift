import EntitlementModel
import Foundation
import Testing

@Suite("An assignment, in every state")
struct AssignmentTests {
  enum Input: Sendable, Hashable, CaseIterable {
    case someRolesGranted, allRolesGranted, noRoleGranted, failure, itsEnd, anotherEnd, removal, retry
  }

  /// In this state, this happens: it becomes that, and tells these.
  struct Row: Sendable, CustomTestStringConvertible {
    let (state, input, becomes): (Assignment.State, Input, Assignment.State)
    let tells: [Assignment.Event]

    init(
      _ state: Assignment.State, _ input: Input, _ becomes: Assignment.State, tells: [Assignment.Event] = []
    ) {
      (self.state, self.input, self.becomes, self.tells) = (state, input, becomes, tells)
    }

    static func stays(_ state: Assignment.State, on inputs: [Input]) -> [Row] {
      inputs.map { Row(state, $0, state) }
    }

    var testDescription: String { "\(state), \(input): becomes \(becomes), tells \(tells)" }
  }

  static let rows: [Row] =
    [
      Row(.delivering, .someRolesGranted, .partiallyDelivered, tells: [.partiallyDelivered]),
      Row(.delivering, .allRolesGranted, .delivered, tells: [.delivered]),
      Row(.delivering, .failure, .deliveryFailed, tells: [.deliveryFailed]),
      Row(.delivering, .removal, .removing),
      Row(.partiallyDelivered, .allRolesGranted, .delivered, tells: [.delivered]),
      Row(.partiallyDelivered, .failure, .deliveryFailed, tells: [.deliveryFailed]),
      Row(.partiallyDelivered, .itsEnd, .removing),
      Row(.partiallyDelivered, .removal, .removing),
      Row(.delivered, .itsEnd, .removing),
      Row(.delivered, .removal, .removing),
      Row(.deliveryFailed, .removal, .removing),
      Row(.deliveryFailed, .retry, .delivering),
      // Every one of its roles is confirmed gone: nothing is held through it any more.
      Row(.removing, .noRoleGranted, .expired, tells: [.removed]),
    ]
    + Row.stays(.delivering, on: [.noRoleGranted, .itsEnd, .anotherEnd, .retry])
    + Row.stays(.partiallyDelivered, on: [.someRolesGranted, .noRoleGranted, .anotherEnd, .retry])
    + Row.stays(
      .delivered, on: [.someRolesGranted, .allRolesGranted, .noRoleGranted, .failure, .anotherEnd, .retry])
    + Row.stays(
      .deliveryFailed,
      on: [.someRolesGranted, .allRolesGranted, .noRoleGranted, .failure, .itsEnd, .anotherEnd])
    + Row.stays(
      .removing,
      on: [.someRolesGranted, .allRolesGranted, .failure, .itsEnd, .anotherEnd, .removal, .retry])
    + Row.stays(.expired, on: Input.allCases)

  @Test(
    "Access is delivered, fails, ends when its time is up, and is over when every role is gone",
    arguments: rows)
  func moves(row: Row) {
    var assignment = Assignment.sample(row.state, endsAt: day(180))
    let told = Self.apply(row.input, to: &assignment)
    #expect(assignment.state == row.becomes)
    #expect(told == row.tells)
    #expect(assignment.version == (row.becomes == row.state ? 1 : 2))
  }

  static func apply(_ input: Input, to assignment: inout Assignment) -> [Assignment.Event] {
    switch input {
    case .someRolesGranted:
      return assignment.entitlementsChanged(.init(wanted: 2, granted: 1, held: 1), at: day(1))
    case .allRolesGranted:
      return assignment.entitlementsChanged(.init(wanted: 2, granted: 2, held: 2), at: day(1))
    case .noRoleGranted:
      return assignment.entitlementsChanged(.init(wanted: 2, granted: 0, held: 0), at: day(1))
    case .failure: return assignment.fail(.connectorRefused)
    case .itsEnd: _ = assignment.expire(due(day(180)))
    case .anotherEnd: _ = assignment.expire(due(day(90)))
    case .removal: _ = assignment.remove(because: .removedByPerson)
    case .retry: _ = assignment.follow(.init(redeliveries: 1, assertions: 0))
    }
    return []
  }

  @Test("The table has every state with every input, once")
  func tableIsComplete() {
    #expect(Set(Self.rows.map { "\($0.state) \($0.input)" }).count == Self.rows.count)
    #expect(Self.rows.count == Assignment.State.allCases.count * Input.allCases.count)
  }

  @Test("Decision 11: the clock starts when the first role is granted")
  func clockStartsWithTheFirstRole() {
    var assignment = Assignment.sample(.delivering)
    _ = assignment.entitlementsChanged(.init(wanted: 2, granted: 1, held: 1), at: day(3))
    _ = assignment.entitlementsChanged(.init(wanted: 2, granted: 2, held: 2), at: day(9))
    #expect(assignment.endsAt == day(183))
    #expect(assignment.deliveredAt == day(9))
  }

  @Test("Decision 11: or at the scheduled start, if that is later")
  func clockStartsAtTheScheduledStart() {
    var assignment = Assignment.sample(.delivering, startsAt: day(7))
    _ = assignment.entitlementsChanged(.init(wanted: 1, granted: 1, held: 1), at: day(3))
    #expect(assignment.endsAt == day(187))
  }

  @Test("Decision 24: a package that loses its last role leaves the end where it is")
  func emptiedPackageKeepsTheEnd() {
    var assignment = Assignment.sample(.partiallyDelivered, endsAt: day(180))
    _ = assignment.entitlementsChanged(.init(wanted: 0, granted: 0, held: 0), at: day(20))
    #expect(assignment.state == .delivered)
    #expect(assignment.endsAt == day(180))
  }

  @Test("A chosen end that has passed is not tried again, and a new try starts a new clock")
  func retries() {
    var passed = Assignment.sample(.deliveryFailed, failure: .endPassed)
    #expect(passed.follow(.init(redeliveries: 1, assertions: 0)) == .nothing)
    var refused = Assignment.sample(.deliveryFailed, endsAt: day(180), failure: .connectorRefused)
    #expect(refused.follow(.init(redeliveries: 1, assertions: 0)) == .deliver)
    #expect(refused.endsAt == nil)
    #expect(refused.failure == nil)
  }

  @Test(
    "What was reprocessed is done once; only a failed delivery that its request begins anew is delivered again",
    arguments: [
      (Assignment.State.delivering, 1, 0, Assignment.Reprocessing.assert),
      (.partiallyDelivered, 0, 1, .assert),
      (.delivered, 0, 1, .assert), (.delivered, 1, 0, .assert), (.delivered, 0, 0, .nothing),
      (.deliveryFailed, 1, 0, .deliver), (.deliveryFailed, 0, 1, .nothing), (.removing, 1, 1, .nothing),
      (.expired, 1, 1, .nothing),
    ])
  func reprocesses(
    state: Assignment.State, redeliveries: Int, assertions: Int, does: Assignment.Reprocessing
  ) {
    var assignment = Assignment.sample(state, failure: state == .deliveryFailed ? .connectorRefused : nil)
    let newest = AccessRequest.Reprocessed(redeliveries: redeliveries, assertions: assertions)
    #expect(assignment.follow(newest) == does)
    #expect(assignment.follow(newest) == .nothing, "said twice is said once")
    #expect(assignment.follow(.never) == .nothing, "an older message says nothing")
  }

  @Test("Decision 20: what ends by the clock tells expired, what is taken away tells removed")
  func tellsWhyItEnded() {
    for reason in Assignment.EndReason.allCases {
      var assignment = Assignment.sample(.removing, endReason: reason)
      let told = assignment.entitlementsChanged(.init(wanted: 0, granted: 0, held: 0), at: day(1))
      #expect(told == [reason == .timeUp ? .expired : .removed])
      #expect(assignment.endedAt == day(1))
    }
  }

  @Test("Decision 20: a role still held keeps it removing")
  func heldRoleKeepsItRemoving() {
    var assignment = Assignment.sample(.removing)
    #expect(assignment.entitlementsChanged(.init(wanted: 0, granted: 0, held: 1), at: day(1)) == [])
    #expect(assignment.state == .removing)
  }

  @Test(
    "Another policy gives its own end, sooner or later; where nothing is granted yet, with the first role",
    arguments: [
      (Assignment.State.delivered, day(180), day(90), day(90)), (.delivered, day(180), day(360), day(360)),
      (.delivered, day(180), nil, nil), (.delivered, nil, day(90), day(90)),
      (.partiallyDelivered, day(180), day(90), day(90)), (.delivering, nil, day(90), nil),
    ] as [(Assignment.State, Date?, Date?, Date?)])
  func moves(state: Assignment.State, before: Date?, asked: Date?, ends: Date?) {
    var assignment = Assignment.sample(state, endsAt: before)
    let request = AccessRequest.sample(
      .delivering, .userUpdate, term: Term(latestEnd: asked), update: .policy
    ).held(under: uuid(77))
    #expect(assignment.changePolicy(request) == [.extended])
    #expect(assignment.assignmentPolicy == uuid(77) && assignment.endsAt == ends && assignment.version == 2)
    #expect(assignment.changePolicy(request) == [], "said twice is said once")
    if state == .delivering {
      _ = assignment.entitlementsChanged(.init(wanted: 1, granted: 1, held: 0), at: day(3))
      #expect(assignment.endsAt == asked)
    }
  }

  @Test(
    "Decision 4: with its organization's contract ends what lasts longer; where the clock has not started, once it does",
    arguments: [
      (Assignment.State.delivered, day(180), day(90), true), (.delivered, day(90), day(90), false),
      (.delivered, day(60), day(60), false), (.delivered, nil, day(90), true),
      (.partiallyDelivered, day(180), day(90), true), (.delivering, day(180), day(90), true),
      (.delivering, nil, nil, false), (.deliveryFailed, day(180), day(180), false),
      (.removing, day(180), day(180), false), (.expired, day(180), day(180), false),
    ] as [(Assignment.State, Date?, Date?, Bool)])
  func isCapped(state: Assignment.State, before: Date?, ends: Date?, isTold: Bool) {
    var assignment = Assignment.sample(state, term: Term(duration: .days(180)), endsAt: before)
    #expect(assignment.cap(at: day(90)) == (isTold ? [.shortened] : []))
    #expect(assignment.endsAt == ends && assignment.state == state)
    #expect(assignment.version == (isTold ? 2 : 1))
    #expect(assignment.cap(at: day(90)) == [], "said twice is said once")
    if state == .delivering {
      _ = assignment.entitlementsChanged(.init(wanted: 1, granted: 1, held: 0), at: day(3))
      #expect(assignment.endsAt == day(90))
    }
  }

  @Test("Decision 3: extended or moved, it is for the organization that its person belongs to by then")
  func rematches() {
    for update in [AccessRequest.Update.schedule, .policy] {
      var assignment = Assignment.sample(.delivered, endsAt: day(180))
      var request = AccessRequest.sample(
        .delivering, .userUpdate, term: Term(latestEnd: day(360)), update: update)
      request.match(uuid(78))
      _ = update == .policy ? assignment.changePolicy(request) : assignment.extend(request)
      #expect(assignment.organization == uuid(78))
    }
  }

  @Test("What is over is not moved", arguments: [Assignment.State.deliveryFailed, .removing, .expired])
  func doesNotMove(state: Assignment.State) {
    var assignment = Assignment.sample(state, endsAt: day(180))
    let before = assignment
    let request = AccessRequest.sample(.delivering, .userUpdate, term: Term(), update: .policy)
      .held(under: uuid(77))
    #expect(assignment.changePolicy(request) == [])
    #expect(assignment == before)
  }

  @Test(
    "Of moves the newest counts, whatever comes again; more time that was asked for before it says nothing")
  func movesInOrder() {
    var assignment = Assignment.sample(.delivered, endsAt: day(180))
    func move(to policy: UUID, on number: Int) -> AccessRequest {
      .sample(
        .delivering, .userUpdate, term: Term(latestEnd: day(number)), id: uuid(UInt8(number)),
        update: .policy,
        createdAt: day(number)
      ).held(under: policy)
    }
    let extended = AccessRequest.sample(.delivering, .userUpdate, term: Term(latestEnd: day(360)))
    let (first, second) = (move(to: uuid(77), on: 10), move(to: uuid(78), on: 20))
    for request in [first, second] { #expect(assignment.changePolicy(request) == [.extended]) }
    let moved = assignment
    #expect(moved.assignmentPolicy == uuid(78) && moved.endsAt == day(20))
    #expect(assignment.changePolicy(first) == [] && assignment.extend(extended) == [])
    #expect(assignment == moved)
  }

  @Test(
    "Decision 10: an extension gives more time, never less; what is over stays over",
    arguments: [
      (Assignment.State.delivered, day(360), day(360)), (.delivered, day(90), day(180)),
      (.partiallyDelivered, day(360), day(360)), (.delivering, day(360), day(360)),
      (.deliveryFailed, day(360), day(180)), (.removing, day(360), day(180)), (.expired, day(360), day(180)),
    ])
  func extends(state: Assignment.State, asked: Date, ends: Date) {
    var assignment = Assignment.sample(state, endsAt: day(180))
    let request = AccessRequest.sample(.delivering, .userUpdate, term: Term(latestEnd: asked))
    let told = assignment.extend(request)
    #expect(assignment.endsAt == ends)
    #expect(told == (assignment.answeredRequest == nil ? [] : [.extended]))
    #expect(assignment.extend(request) == [], "said twice is said once")
  }

  @Test("Other answers move no end; what is over stays over", arguments: Assignment.State.allCases)
  func edits(state: Assignment.State) {
    var assignment = Assignment.sample(state, endsAt: day(180))
    let request = AccessRequest.sample(.delivering, .userUpdate, term: Term())
    let told = assignment.edit(request)
    #expect(told == (state.isLive ? [.answersChanged] : []))
    #expect(assignment.endsAt == day(180) && assignment.state == state)
    #expect(assignment.answeredRequest == (state.isLive ? request.id : nil))
    #expect(assignment.edit(request) == [], "said twice is said once")
  }

  struct AttributeRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let state: Assignment.State
    let progress: Assignment.Progress
    let becomes: Assignment.State
    let tells: [Assignment.Event]
  }

  static let attributeRows = [
    AttributeRow(
      testDescription: "All roles are there, its attributes are being written", state: .delivering,
      progress: .init(wanted: 1, granted: 1, held: 0, hasUnwrittenAttributes: true), becomes: .delivering,
      tells: []),
    AttributeRow(
      testDescription: "All roles are there, an attribute can not be written", state: .delivering,
      progress: .init(
        wanted: 1, granted: 1, held: 0, hasUnwrittenAttributes: true, attributeFailure: .connectorRefused),
      becomes: .partiallyDelivered, tells: [.partiallyDelivered]),
    AttributeRow(
      testDescription: "In part, and now an attribute fails besides", state: .partiallyDelivered,
      progress: .init(
        wanted: 2, granted: 1, held: 0, hasUnwrittenAttributes: true, attributeFailure: .connectorUnavailable),
      becomes: .partiallyDelivered, tells: [.partiallyDelivered]),
    AttributeRow(
      testDescription: "All of it is there", state: .partiallyDelivered,
      progress: .init(wanted: 1, granted: 1, held: 0), becomes: .delivered, tells: [.delivered]),
    AttributeRow(
      testDescription: "Delivered, and other answers can not be written", state: .delivered,
      progress: .init(
        wanted: 1, granted: 1, held: 0, hasUnwrittenAttributes: true, attributeFailure: .connectorRefused),
      becomes: .delivered, tells: [.answersChanged]),
    AttributeRow(
      testDescription: "Delivered, and other answers are being written", state: .delivered,
      progress: .init(wanted: 1, granted: 1, held: 0, hasUnwrittenAttributes: true), becomes: .delivered,
      tells: []),
  ]

  @Test(
    "Decision 20: an attribute that is not written keeps it from being delivered, and takes nothing away",
    arguments: attributeRows)
  func attributes(row: AttributeRow) {
    var assignment = Assignment.sample(row.state)
    #expect(assignment.entitlementsChanged(row.progress, at: day(1)) == row.tells)
    #expect(assignment.state == row.becomes)
    #expect(assignment.attributeFailure == row.progress.attributeFailure)
    #expect(assignment.entitlementsChanged(row.progress, at: day(2)) == [], "said twice is said once")
  }

  @Test("Answers that newer ones have followed do not come back")
  func staleAnswers() {
    func edit(_ value: String, _ id: UUID, day number: Int) -> AccessRequest {
      AccessRequest(
        id: id, tenant: contoso, version: 1, kind: .userUpdate, update: .answers, state: .delivering,
        status: .delivering, target: annaAsTarget, requestor: anna, accessPackage: package,
        assignmentPolicy: policy, organization: nil, assignment: assignmentID, justification: "",
        answers: [
          QuestionAnswer(question: "directory.costCenter", values: [value]),
          QuestionAnswer(question: "project", values: ["Spring"]),
        ], startsAt: nil, term: Term(), createdAt: day(number), completedAt: nil)
    }
    var assignment = Assignment.sample(.delivered)
    #expect(assignment.edit(edit("B", uuid(42), day: 2)) == [.answersChanged])
    #expect(assignment.edit(edit("A", uuid(41), day: 1)) == [])
    #expect(assignment.attributeAnswers.map(\.values) == [["B"]], "and only those for attributes are kept")
  }
}
