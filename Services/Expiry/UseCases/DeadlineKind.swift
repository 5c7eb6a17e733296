import EntitlementModel
import Foundation
import Messaging

/// Whose deadline it is, and of a guest which.
enum DeadlineKind: String, Sendable {
  case assignment
  case guestBlock = "guest-block"
  case guestDeletion = "guest-deletion"

  /// The kind of a guest's next step; a guest that nothing waits for keeps any.
  init(guestStep: AccessDeadlines.Step?) {
    switch guestStep {
    case .deletion, .deletionNotice: self = .guestDeletion
    case .block, .blockNotice, .notice14, .notice1, .expiry, nil: self = .guestBlock
    }
  }
}

extension Deadline {
  /// Which step falls due; nil when nothing more will happen.
  var step: AccessDeadlines.Step? {
    guard let dueAt else { return nil }
    switch DeadlineKind(rawValue: kind) {
    case .assignment: return endsAt.map { AccessDeadlines.step(at: dueAt, endsAt: $0) }
    case .guestBlock: return isAhead ? .blockNotice : .block
    case .guestDeletion: return isAhead ? .deletionNotice : .deletion
    case nil: return nil
    }
  }

  /// Whether what falls due comes before the end that it is about.
  private var isAhead: Bool {
    guard let dueAt, let endsAt else { return false }
    return dueAt.microseconds < endsAt.microseconds
  }

  /// The notice that a step of it is; nil for one that does something, or that nobody is known to be told.
  func notice(of step: AccessDeadlines.Step, at dueAt: Date) -> Notice? {
    guard let kind = step.notice, let recipient, let endsAt else { return nil }
    return Notice(
      tenant: tenant, kind: kind, about: aggregate, recipient: recipient, moment: endsAt, dueAt: dueAt)
  }

  /// The same deadline, due for what comes next.
  func advanced(to next: Date?) -> Deadline {
    var advanced = self
    advanced.dueAt = next
    return advanced
  }
}
