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
    case .deletion: self = .guestDeletion
    case .block, .notice14, .notice1, .expiry, nil: self = .guestBlock
    }
  }
}

extension Deadline {
  /// Which step falls due; nil when nothing more will happen.
  var step: AccessDeadlines.Step? {
    guard let dueAt else { return nil }
    switch DeadlineKind(rawValue: kind) {
    case .assignment: return endsAt.map { AccessDeadlines.step(at: dueAt, endsAt: $0) }
    case .guestBlock: return .block
    case .guestDeletion: return .deletion
    case nil: return nil
    }
  }

  /// The same deadline, due for what comes next.
  func advanced(to next: Date?) -> Deadline {
    var advanced = self
    advanced.dueAt = next
    return advanced
  }
}
