import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@Suite("Model to message and back")
struct ConversionTests {
  @Test("A request keeps everything, in every kind", arguments: AccessRequest.Kind.allCases)
  func requestKinds(kind: AccessRequest.Kind) throws {
    let request = AccessRequest.sample(kind)
    #expect(try AccessRequest(Vestibule_Model_V1_Request(request, epoch: 2)) == request)
  }

  @Test("In every state", arguments: AccessRequest.State.allCases)
  func requestStates(state: AccessRequest.State) throws {
    let request = AccessRequest.sample(.userAdd, state)
    #expect(try AccessRequest(Vestibule_Model_V1_Request(request, epoch: 2)) == request)
  }

  @Test("And status", arguments: AccessRequest.Status.allCases)
  func requestStatuses(status: AccessRequest.Status) throws {
    let request = AccessRequest.sample(.userAdd, .denied, status)
    #expect(try AccessRequest(Vestibule_Model_V1_Request(request, epoch: 2)) == request)
  }

  static let decisions = ApprovalProcess.Capacity.allCases.flatMap { capacity in
    [ApprovalProcess.Verdict.approve, .deny].map { verdict in
      ApprovalProcess.Decision(
        verdict: verdict, by: uuid(7), capacity: capacity, justification: "Yes",
        endsAt: verdict == .approve ? noon + .days(9) : nil, at: noon)
    }
  }

  @Test("Columns keep everything")
  func columns() throws {
    let stages = [
      ApprovalProcess.Stage(
        .init(timeout: .days(14), escalation: .days(3), approvalsRequired: 2),
        openedAt: noon + 0.000_001, decisions: Self.decisions)
    ]
    #expect(try [ApprovalProcess.Stage](json: stages.json()) == stages)
    #expect(try [QuestionAnswer](json: someAnswers.json()) == someAnswers)
    #expect(try [QuestionAnswer](json: "[]").isEmpty)
  }

  @Test("An approval keeps everything, in every state", arguments: ApprovalProcess.State.allCases)
  func approvals(state: ApprovalProcess.State) throws {
    typealias Stage = ApprovalProcess.Stage
    let approval = ApprovalProcess(
      id: uuid(2), tenant: uuid(3), version: 2, state: state, target: annaAsTarget, requestor: uuid(1),
      accessPackage: uuid(4), assignmentPolicy: uuid(5), organization: uuid(6), justification: "",
      answers: someAnswers, openedAt: noon,
      stages: [
        Stage(
          .init(timeout: .days(14), escalation: .days(3), approvalsRequired: 20), openedAt: noon,
          isEscalated: true, decisions: Self.decisions),
        Stage(.init(timeout: .days(1))),
      ])
    #expect(try ApprovalProcess(Vestibule_Model_V1_Approval(approval, epoch: 1)) == approval)
  }

  static func assignment(
    _ state: Assignment.State = .expired, reason: Assignment.EndReason? = nil,
    failure: Assignment.Failure? = nil
  ) -> Assignment {
    Assignment(
      id: uuid(2), tenant: uuid(3), version: 4, state: state, target: annaAsTarget, accessPackage: uuid(4),
      assignmentPolicy: nil, organization: uuid(6), term: Term(), startsAt: nil, deliveredAt: noon,
      endsAt: noon,
      endReason: reason, endedAt: nil, failure: failure, answeredRequest: uuid(8))
  }

  static let assignments =
    Assignment.State.allCases.map { assignment($0) }
    + Assignment.EndReason.allCases.map { assignment(reason: $0) }
    + Assignment.Failure.allCases.map { assignment(failure: $0) }

  @Test("An assignment keeps what is told, in every state, end reason and failure", arguments: assignments)
  func assignmentsAreKept(assignment: Assignment) throws {
    let message = Vestibule_Model_V1_Assignment(assignment, epoch: 1)
    #expect(try Assignment(message) == assignment)
    #expect(try message.summary() == assignment.summary)
    #expect(message.failure.code == assignment.failure?.rawValue ?? "")
  }

  @Test("A guest is told in every state", arguments: Guest.State.allCases)
  func guestStates(state: Guest.State) throws {
    #expect(try Guest.State(Vestibule_Model_V1_Guest.State(state)) == state)
  }

  @Test("A guest tells what happens next")
  func guest() throws {
    let guest = Guest(
      id: uuid(1), tenant: uuid(3), version: 2, target: annaAsTarget, isGoverned: true, presence: .blocked,
      accounts: [], liveAssignments: 0, blockCauses: [.lifecycle, .administrator], blockedAt: noon,
      blockDueAt: nil, deleteDueAt: noon)
    let message = Vestibule_Model_V1_Guest(guest, epoch: 1)
    #expect(message.blockCauses == ["administrator", "lifecycle"])
    #expect(try message.nextStep(after: noon) == .init(.deletion, at: noon))
  }

  @Test("A subject keeps everything", arguments: [Subject.Kind.external, .member])
  func subjects(kind: Subject.Kind) throws {
    let subject = Subject(
      id: uuid(1), tenant: uuid(3), version: 5, name: "anna", email: "anna@fabrikam.example",
      displayName: "Anna", kind: kind, identities: [.init(issuer: "i", subject: "s")], organization: uuid(6),
      bar: .init(reason: "inquiry", until: noon), leftAt: noon)
    #expect(try Subject(Vestibule_Model_V1_Subject(subject, epoch: 1)) == subject)
  }

  @Test("A due message and a refusal keep everything")
  func values() throws {
    let due = Due(aggregate: uuid(1), version: 3, at: noon)
    #expect(try Due(Vestibule_Events_V1_Due(due, tenant: uuid(3), epoch: 2)) == due)
    let refusal = Refusal(Reason.Code.allCases.map { Reason($0, "No.", field: "f", hint: "h") })
    #expect(Refusal(Vestibule_Model_V1_Refusal(refusal)) == refusal)
    let version = Version(epoch: 2, number: 9)
    #expect(Version(Vestibule_Model_V1_Version(version)) == version)
  }

  @Test(
    "Instants are kept to the microsecond", arguments: [0, -1, -1_000_001, 1_800_000_000_123_456, 999_999])
  func instants(microseconds: Int64) {
    let timestamp = Google_Protobuf_Timestamp(Date(microseconds: microseconds))
    #expect((0..<1_000_000_000).contains(timestamp.nanos))
    #expect(timestamp.instant?.microseconds == microseconds)
  }

  @Test("Nanoseconds are rounded, what is no timestamp is none")
  func oddInstants() {
    #expect(Google_Protobuf_Timestamp(seconds: 1, nanos: 1_500).instant?.microseconds == 1_000_002)
    #expect(Google_Protobuf_Timestamp(seconds: 1, nanos: 1_499).instant?.microseconds == 1_000_001)
    #expect(Google_Protobuf_Timestamp(seconds: 1, nanos: 999_999_999).instant?.microseconds == 2_000_000)
    #expect(Google_Protobuf_Timestamp(seconds: .max, nanos: 0).instant == nil)
    #expect(Google_Protobuf_Timestamp(seconds: 0, nanos: -1).instant == nil)
  }

  @Test("Ids are read in either case and written in lower case")
  func identifiers() {
    let text = "01890a5d-ac96-774b-bcce-b302099a8057"
    #expect(UUID(text: text)?.text == text)
    #expect(UUID(text: text.uppercased())?.text == text)
    #expect(UUID(text: text)?.uuidString == text.uppercased())
    for odd in [
      "", text + "0", String(text.dropLast()), "x" + text.dropFirst(), text.replacing("-", with: "0"),
    ] {
      #expect(UUID(text: odd) == nil, "\(odd)")
    }
  }
}
