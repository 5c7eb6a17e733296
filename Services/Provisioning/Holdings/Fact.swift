import EntitlementModel
import Foundation
import Messaging

/// Something to be told of an aggregate at the end, in the state that it has then.
struct Fact: Hashable {
  enum Subject: Hashable {
    case guest(UUID)
    case assignment(UUID)
  }

  let subject: Subject
  let type: EventType

  init(_ event: Guest.Event, of guest: UUID) {
    (subject, type) = (.guest(guest), EventType(event))
  }

  init(_ event: Assignment.Event, of assignment: UUID) {
    (subject, type) = (.assignment(assignment), EventType(event))
  }
}

extension EventType {
  init(_ event: Guest.Event) {
    switch event {
    case .invited: self = .guestInvited
    case .blocked: self = .guestBlocked
    case .revived: self = .guestRevived
    case .deleted: self = .guestDeleted
    case .lifecycleChanged: self = .guestLifecycleChanged
    }
  }

  init(_ event: Assignment.Event) {
    switch event {
    case .delivered: self = .assignmentDelivered
    case .extended: self = .assignmentExtended
    case .shortened: self = .assignmentShortened
    case .answersChanged: self = .assignmentAnswersChanged
    case .expired: self = .assignmentExpired
    case .removed: self = .assignmentRemoved
    case .partiallyDelivered: self = .assignmentPartiallyDelivered
    case .deliveryFailed: self = .assignmentDeliveryFailed
    }
  }
}

extension Assignment {
  /// The event that tells the state it is in; nil while nothing has been told of it.
  var presentFact: Event? {
    switch state {
    case .delivering, .removing: nil
    case .partiallyDelivered: .partiallyDelivered
    case .delivered: .delivered
    case .deliveryFailed: .deliveryFailed
    case .expired: endReason == .timeUp ? .expired : .removed
    }
  }
}

extension Guest {
  /// The event that tells the state it is in.
  var presentFact: Event {
    switch presence {
    case .active: blockDueAt == nil ? .invited : .blocked
    case .blocked: .blocked
    case .absent: state == .deleted ? .deleted : .blocked
    }
  }
}
