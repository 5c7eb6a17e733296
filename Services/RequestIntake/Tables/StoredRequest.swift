import Contracts
package import EntitlementModel
import Foundation
package import Postgres

/// A request as stored, with what is known of the assignment that it made.
struct StoredRequest: Sendable {
  var request: AccessRequest
  var assignment: AssignmentMemory?
  /// What has taken the place of its answers since; nil for nothing.
  var presentAnswers: GivenAnswers?

  /// The request as its access is held now.
  var held: AccessRequest { request.held(under: assignment?.policy) }

  /// What is answered for the assignment that it made.
  var answers: GivenAnswers { presentAnswers ?? request.givenAnswers }

  /// An update of its access was carried out.
  mutating func follow(_ update: AccessRequest) {
    switch update.update {
    case .schedule, nil: break
    case .answers: presentAnswers = update.givenAnswers
    case .policy:
      presentAnswers = update.givenAnswers
      request.follow(update)
    }
  }

  /// Whatever two copies' clocks say: newer answers are younger than those whose place they take.
  func later(than now: Date) -> Date { max(now, answers.givenAt.addingTimeInterval(0.001)) }

  func requireLive() throws(Refusal) {
    switch assignment?.state {
    case .delivered, .partiallyDelivered: return
    case .delivering, .deliveryFailed, .removing, .expired, nil:
      throw Refusal(.assignmentNotLive, "Only access that has been delivered can be changed.")
    }
  }
}

/// A set of answers, and when it was given: of several the newest counts.
struct GivenAnswers: Sendable {
  var answers: [QuestionAnswer]
  var givenAt: Date
}

/// The newest state seen of an assignment.
struct AssignmentMemory: Sendable {
  var version: Version
  var state: Assignment.State
  var deliveredAt: Date?
  var endsAt: Date?
  var endedAt: Date?
  /// Under which it is held; nil where that was never told.
  var policy: UUID?
}

extension AccessRequest {
  var givenAnswers: GivenAnswers { GivenAnswers(answers: answers, givenAt: createdAt) }

  /// Whether it stands in the way of another one for the same person and package.
  func isLive(assignment: AssignmentMemory?) -> Bool {
    purpose == .add && (state.isOpen || state == .delivered && assignment?.state != .expired)
  }

  /// What it is about to change, while that is open: there is one of each for an assignment.
  var openChange: String? {
    guard state.isOpen else { return nil }
    switch purpose {
    case .add: return nil
    case .update: return "update"
    case .remove: return "remove"
    }
  }
}

/// Answers as their column holds them: most requests have none.
enum StoredAnswers {
  static func json(_ answers: [QuestionAnswer]) throws -> JSONB? {
    answers.isEmpty ? nil : JSONB(try answers.json())
  }

  static func answers(_ stored: JSONB?) throws -> [QuestionAnswer] {
    try stored.map { try [QuestionAnswer](json: $0.text) } ?? []
  }
}

extension AccessRequest.Kind: SQLValue {}
extension AccessRequest.Update: SQLValue {}
extension AccessRequest.State: SQLValue {}
extension AccessRequest.Status: SQLValue {}
extension TermsAcceptance: SQLValue {}
extension Assignment.State: SQLValue {}
extension Assignment.EndReason: SQLValue {}
extension Subject.Kind: SQLValue {}

extension StoredRequest: RowDecodable {
  init(_ row: inout Row) throws {
    request = try AccessRequest(&row)
    let (epoch, number) = (try row.next(Int.self), try row.next(Int.self))
    let (state, deliveredAt, endsAt) = (
      try row.next(Assignment.State?.self), try row.next(Date?.self), try row.next(Date?.self)
    )
    let endedAt = try row.next(Date?.self)
    assignment = state.map {
      AssignmentMemory(
        version: Version(epoch: epoch, number: number), state: $0, deliveredAt: deliveredAt, endsAt: endsAt,
        endedAt: endedAt)
    }
    let (answers, givenAt) = (try row.next(JSONB?.self), try row.next(Date?.self))
    if let answers, let givenAt {
      presentAnswers = GivenAnswers(answers: try [QuestionAnswer](json: answers.text), givenAt: givenAt)
    }
    let policy = try row.next(UUID?.self)
    assignment?.policy = policy
  }
}

extension AccessRequest: RowDecodable {
  package init(_ row: inout Row) throws {
    let (id, tenant, version) = (try row.next(UUID.self), try row.next(UUID.self), try row.next(Int.self))
    let (kind, update) = (try row.next(Kind.self), try row.next(Update?.self))
    let (state, status) = (try row.next(State.self), try row.next(Status.self))
    let target = Target(
      subject: try row.next(), email: try row.next(), displayName: try row.next(), isMember: try row.next())
    self.init(
      id: id, tenant: tenant, version: version, kind: kind, update: update, state: state, status: status,
      target: target,
      requestor: try row.next(), accessPackage: try row.next(), assignmentPolicy: try row.next(),
      organization: try row.next(), assignment: try row.next(), justification: try row.next(),
      answers: try StoredAnswers.answers(try row.next()), terms: try row.next(),
      isFirstStageGiven: try row.next(),
      endReason: try row.next(), adoptsGuest: try row.next(),
      startsAt: try row.next(),
      term: Term(duration: try row.next(String?.self).flatMap { Period(iso: $0) }, latestEnd: try row.next()),
      createdAt: try row.next(), completedAt: try row.next(),
      reprocessed: Reprocessed(redeliveries: try row.next(), assertions: try row.next()))
  }
}
