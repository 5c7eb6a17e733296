package import Foundation

/// What will happen by itself to an assignment or a guest, and when. Owned by expiry.
package enum AccessDeadlines {
  package enum Step: String, Sendable, CaseIterable {
    case notice14, notice1, expiry, blockNotice, block, deletionNotice, deletion
  }

  package struct Planned: Sendable, Hashable {
    package let step: Step
    package let at: Date

    package init(_ step: Step, at: Date) {
      (self.step, self.at) = (step, at)
    }
  }

  /// The next step of an assignment that ends at `endsAt`, of those later than `moment`: the delivery for the
  /// first one (a notice whose moment lies before it is skipped), the step before for the next.
  package static func next(endsAt: Date?, after moment: Date) -> Planned? {
    guard let endsAt else { return nil }
    let notices = [
      Planned(.notice14, at: endsAt - .days(14)), Planned(.notice1, at: endsAt - .days(1)),
    ]
    return notices.first { $0.at.microseconds > moment.microseconds } ?? Planned(.expiry, at: endsAt)
  }

  /// Which step of an assignment's plan an instant is.
  package static func step(at instant: Date, endsAt: Date) -> Step {
    if instant.isSameInstant(as: endsAt - .days(14)) { return .notice14 }
    return instant.isSameInstant(as: endsAt - .days(1)) ? .notice1 : .expiry
  }

  /// The next step of an assignment in this state; nil when nothing will happen by itself. A renewal can move the
  /// end so that a notice's moment, though after the delivery, is past when it is armed: that one is skipped too.
  package static func next(
    for state: Assignment.State, deliveredAt: Date?, endsAt: Date?, armedAt: Date
  ) -> Planned? {
    switch state {
    case .delivered, .partiallyDelivered: next(endsAt: endsAt, after: max(deliveredAt ?? armedAt, armedAt))
    case .delivering, .deliveryFailed, .removing, .expired: nil
    }
  }

  /// The next step of a guest: told a day before the block, and seven before the deletion, unless that moment is past.
  package static func next(blockDueAt: Date?, deleteDueAt: Date?, after moment: Date) -> Planned? {
    if let blockDueAt {
      return notice(.blockNotice, at: blockDueAt - .days(1), after: moment) ?? Planned(.block, at: blockDueAt)
    }
    return deleteDueAt.map {
      notice(.deletionNotice, at: $0 - .days(7), after: moment) ?? Planned(.deletion, at: $0)
    }
  }

  private static func notice(_ step: Step, at instant: Date, after moment: Date) -> Planned? {
    instant.microseconds > moment.microseconds ? Planned(step, at: instant) : nil
  }
}
