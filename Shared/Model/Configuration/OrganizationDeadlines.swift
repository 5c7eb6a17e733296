package import Foundation

/// What happens to a connected organization by itself, and when.
package enum OrganizationDeadlines {
  package enum Step: Sendable, Hashable, CaseIterable {
    /// The contract ends in 30 days.
    case contractNotice
    case contractEnd
    /// Nobody has approved anything of a proposed one for 30 days.
    case proposalLapse
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
    let contract = organization.contractEnd.map { end in
      [Planned(.contractNotice, at: end - .days(30)), Planned(.contractEnd, at: end)]
    }
    let lapse = organization.proposedAt.map { [Planned(.proposalLapse, at: $0 + OrganizationProposal.lapse)] }
    return switch organization.state {
    case .ended: []
    case .configured: contract ?? []
    case .proposed: ((contract ?? []) + (lapse ?? [])).sorted { $0.at < $1.at }
    }
  }

  /// What comes first after an instant; a notice whose moment lies before it is skipped, the others are not.
  package static func next(of organization: ConnectedOrganization, after instant: Date) -> Planned? {
    plan(of: organization).first { $0.at.microseconds > instant.microseconds || $0.step != .contractNotice }
  }

  /// What comes after a step.
  package static func next(of organization: ConnectedOrganization, after step: Step) -> Planned? {
    plan(of: organization).drop { $0.step != step }.dropFirst().first
  }

  /// Which step falls due at an instant: the last that has come.
  package static func step(of organization: ConnectedOrganization, at instant: Date) -> Step? {
    plan(of: organization).last { $0.at.microseconds <= instant.microseconds }?.step
  }
}
