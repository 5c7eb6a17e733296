package import Foundation

/// What happens to a connected organization by itself, and when.
package enum OrganizationDeadlines {
  package enum Step: Sendable, Hashable, CaseIterable {
    /// The contract ends in 30 days.
    case contractNotice
    case contractEnd
  }

  package struct Planned: Sendable, Hashable {
    package let step: Step
    package let at: Date

    package init(_ step: Step, at: Date) {
      (self.step, self.at) = (step, at)
    }
  }

  /// Everything that is planned for it, soonest first.
  package static func plan(of organization: ConnectedOrganization) -> [Planned] {
    switch organization.state {
    case .ended: return []
    case .configured, .proposed:
      guard let end = organization.contractEnd else { return [] }
      return [Planned(.contractNotice, at: end - .days(30)), Planned(.contractEnd, at: end)]
    }
  }

  /// What comes first after an instant; a notice whose moment lies before it is skipped, an end is not.
  package static func next(of organization: ConnectedOrganization, after instant: Date) -> Planned? {
    plan(of: organization).first { $0.at.microseconds > instant.microseconds || $0.step == .contractEnd }
  }

  /// Which step falls due at an instant.
  package static func step(of organization: ConnectedOrganization, at instant: Date) -> Step? {
    plan(of: organization).first { instant.isSameInstant(as: $0.at) }?.step
  }
}
