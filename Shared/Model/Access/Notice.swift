package import Foundation

/// What somebody was told ahead of an end, or after it; each once.
package struct Notice: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    case assignmentEndsIn14Days, assignmentEndsIn1Day
    case guestBlockedIn1Day, guestBlocked, guestDeletedIn7Days, guestDeleted
    /// Block or deletion has moved to another day.
    case guestRescheduled
    case contractEndsIn30Days
  }

  package let tenant: UUID
  package let kind: Kind
  /// The assignment, guest or organization that it is about.
  package let about: UUID
  /// Who is told.
  package let recipient: UUID
  /// The end that it is about: of the same end somebody is told once.
  package let moment: Date
  package let dueAt: Date

  package init(tenant: UUID, kind: Kind, about: UUID, recipient: UUID, moment: Date, dueAt: Date) {
    (self.tenant, self.kind, self.about, self.recipient) = (tenant, kind, about, recipient)
    (self.moment, self.dueAt) = (moment, dueAt)
  }
}

extension AccessDeadlines.Step {
  /// The notice that it is; nil for a step that does something.
  package var notice: Notice.Kind? {
    switch self {
    case .notice14: .assignmentEndsIn14Days
    case .notice1: .assignmentEndsIn1Day
    case .blockNotice: .guestBlockedIn1Day
    case .deletionNotice: .guestDeletedIn7Days
    case .expiry, .block, .deletion: nil
    }
  }
}
