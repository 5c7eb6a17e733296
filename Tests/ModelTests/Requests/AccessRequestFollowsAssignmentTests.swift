import EntitlementModel
import Foundation
import Testing

@Suite("A request follows its assignment")
struct AccessRequestFollowsAssignmentTests {
  typealias Row = AccessRequestTests.Row<Newest>

  /// The newest that is known of the assignment.
  enum Newest: Sendable, Hashable, CaseIterable {
    case delivering, partiallyDelivered, delivered, failed, failedAsItsEndPassed, removing,
      removingOnceDelivered
    case expired, expiredOnceDelivered, expiredAsItsEndPassed, answersThisRequest, answersAnother
    case removingAsTimeIsUp, expiredAsTimeIsUp

    var summary: Assignment.Summary {
      switch self {
      case .delivering: Self.of(.delivering)
      case .partiallyDelivered: Self.of(.partiallyDelivered)
      case .delivered: Self.of(.delivered, deliveredAt: noon)
      case .failed: Self.of(.deliveryFailed, failure: .connectorRefused)
      case .failedAsItsEndPassed: Self.of(.deliveryFailed, failure: .endPassed)
      case .removing: Self.of(.removing)
      case .removingOnceDelivered: Self.of(.removing, deliveredAt: noon)
      case .expired: Self.of(.expired)
      case .expiredOnceDelivered: Self.of(.expired, deliveredAt: noon)
      case .expiredAsItsEndPassed: Self.of(.expired, failure: .endPassed)
      case .answersThisRequest: Self.of(.delivered, deliveredAt: noon, answers: requestID)
      case .answersAnother: Self.of(.delivered, deliveredAt: noon, answers: uuid(77))
      case .removingAsTimeIsUp: Self.of(.removing, deliveredAt: noon, endReason: .timeUp)
      case .expiredAsTimeIsUp: Self.of(.expired, deliveredAt: noon, endReason: .timeUp)
      }
    }

    private static func of(
      _ state: Assignment.State, deliveredAt: Date? = nil, failure: Assignment.Failure? = nil,
      answers: UUID? = nil, endReason: Assignment.EndReason? = nil
    ) -> Assignment.Summary {
      Assignment.Summary(
        state: state, deliveredAt: deliveredAt, answeredRequest: answers, failure: failure,
        endReason: endReason)
    }
  }

  // MARK: Asking for access

  /// What a request that is being delivered becomes, and one that failed and is tried again.
  static let additions: [Row] =
    [AccessRequest.State.delivering, .partiallyDelivered, .deliveryFailed].flatMap { state in
      [
        Row(state, .delivered, .delivered, .delivered, tells: [.delivered]),
        Row(state, .answersThisRequest, .delivered, .delivered, tells: [.delivered]),
        Row(state, .answersAnother, .delivered, .delivered, tells: [.delivered]),
        Row(state, .removingOnceDelivered, .delivered, .delivered, tells: [.delivered]),
        Row(state, .expiredOnceDelivered, .delivered, .delivered, tells: [.delivered]),
        Row(state, .removingAsTimeIsUp, .delivered, .delivered, tells: [.delivered]),
        Row(state, .expiredAsTimeIsUp, .delivered, .delivered, tells: [.delivered]),
        Row(state, .expired, .canceled, .assignmentEnded, tells: [.canceled]),
        Row(state, .expiredAsItsEndPassed, .denied, .endPassed, tells: [.denied]),
        Row(state, .delivering, state, .usual(for: state)),
        Row(state, .removing, state, .usual(for: state)),
        Row(state, .partiallyDelivered, .partiallyDelivered, .partiallyDelivered),
      ]
    }
    + [AccessRequest.State.delivering, .partiallyDelivered].flatMap { state in
      [
        Row(state, .failed, .deliveryFailed, .deliveryFailed, tells: [.deliveryFailed]),
        Row(state, .failedAsItsEndPassed, .denied, .endPassed, tells: [.denied]),
      ]
    }
    + Row.stays(.deliveryFailed, on: [.failed, .failedAsItsEndPassed])
    + Row.stays(.pendingApproval, .scheduled, .delivered, .denied, .canceled, on: Newest.allCases)

  @Test("Access asked for is delivered, partly, not, or has ended meanwhile", arguments: additions)
  func additionFollows(row: Row) {
    var request = AccessRequest.sample(row.state, .userAdd)
    let told = request.assignmentChanged(row.input.summary, at: day(1))
    row.check(request, told: told)
  }

  // MARK: Asking for more time

  static let updates: [Row] =
    [AccessRequest.State.delivering, .partiallyDelivered, .deliveryFailed].flatMap { state in
      [Row(state, .answersThisRequest, .delivered, .delivered, tells: [.delivered])]
        + [Newest.failed, .failedAsItsEndPassed, .removing, .removingOnceDelivered].map {
          Row(state, $0, .canceled, .assignmentEnded, tells: [.canceled])
        }
        + [Newest.expired, .expiredOnceDelivered, .expiredAsItsEndPassed, .expiredAsTimeIsUp].map {
          Row(state, $0, .canceled, .assignmentEnded, tells: [.canceled])
        }
        + Row.stays(
          state,
          on: [.delivering, .partiallyDelivered, .delivered, .answersAnother, .removingAsTimeIsUp])
    }
    + Row.stays(.pendingApproval, .scheduled, .delivered, .denied, .canceled, on: Newest.allCases)

  @Test(
    "More time is given once the assignment says so, or the access has ended meanwhile", arguments: updates)
  func updateFollows(row: Row) {
    var request = AccessRequest.sample(row.state, .userUpdate, assignment: assignmentID)
    let told = request.assignmentChanged(row.input.summary, at: day(1))
    row.check(request, told: told)
  }

  // MARK: Asking for its end

  static let removals: [Row] =
    [AccessRequest.State.delivering, .partiallyDelivered, .deliveryFailed].flatMap { state in
      [Newest.expired, .expiredOnceDelivered, .expiredAsItsEndPassed, .expiredAsTimeIsUp].map {
        Row(state, $0, .delivered, .delivered, tells: [.delivered])
      }
        + Row.stays(
          state,
          on: [
            .delivering, .partiallyDelivered, .delivered, .failed, .failedAsItsEndPassed, .removing,
            .removingOnceDelivered, .answersThisRequest, .answersAnother, .removingAsTimeIsUp,
          ])
    }
    + Row.stays(.pendingApproval, .scheduled, .delivered, .denied, .canceled, on: Newest.allCases)

  @Test("Removal is done when every role is gone (decision 20), not before", arguments: removals)
  func removalFollows(row: Row) {
    var request = AccessRequest.sample(row.state, .userRemove, assignment: assignmentID)
    let told = request.assignmentChanged(row.input.summary, at: day(1))
    row.check(request, told: told)
  }

  @Test(
    "The tables have every state with everything that can be known",
    arguments: [additions, updates, removals])
  func tablesAreComplete(table: [Row]) {
    let pairs = Set(table.map { "\($0.state) \($0.input)" })
    #expect(pairs.count == AccessRequest.State.allCases.count * Newest.allCases.count)
    #expect(pairs.count == table.count)
  }
}
