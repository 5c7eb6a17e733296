package import Foundation

/// Who may ask for, extend or give up access for somebody else, besides those who manage assignments; Graph's
/// `onBehalfRequestors`.
package struct OnBehalf: Sendable, Hashable {
  package enum Requestor: Sendable, Hashable {
    case singleUser(UUID)
    case internalSponsors
    case externalSponsors
    /// Above the person: 1 is the manager, 2 the manager's manager.
    case targetManager(level: Int)
    /// Whoever is in this group of the built-in directory.
    case groupMembers(String)
  }

  package var requestors: [Requestor]
  package var mayAdd: Bool
  package var mayUpdate: Bool
  package var mayRemove: Bool
  /// Whether a partner's sponsor who asks for somebody of the partner has thereby said yes in the first stage (decision 14).
  package var isFirstStage: Bool

  package init(
    requestors: [Requestor], mayAdd: Bool, mayUpdate: Bool, mayRemove: Bool,
    isFirstStage: Bool = false
  ) {
    (self.requestors, self.mayAdd, self.mayUpdate) = (requestors, mayAdd, mayUpdate)
    (self.mayRemove, self.isFirstStage) = (mayRemove, isFirstStage)
  }

  package static let nobody = OnBehalf(requestors: [], mayAdd: false, mayUpdate: false, mayRemove: false)

  /// The groups of the built-in directory that it names.
  package var groups: Set<String> {
    requestors.reduce(into: []) { groups, requestor in
      if case .groupMembers(let group) = requestor { groups.insert(group) }
    }
  }

  /// Whether it depends on who answers for organizations.
  package var asksSponsors: Bool {
    requestors.contains(.internalSponsors) || requestors.contains(.externalSponsors)
  }

  /// Whether it depends on whom people report to.
  package var asksManagers: Bool {
    requestors.contains { requestor in
      if case .targetManager = requestor { true } else { false }
    }
  }

  /// Who asks, from where, and what of it bears on the person it is about.
  package struct Submitter: Sendable, Hashable {
    package let subject: UUID
    /// All subjects that they are: this one, and those who were merged into it.
    package let subjects: Set<UUID>
    package let organization: UUID?
    /// Of the groups that policies name, those that they are in.
    package let groups: Set<String>
    /// How far they stand above the person: 1 as manager, 2 as the manager's manager.
    package let managerLevels: Set<Int>

    package init(
      subject: UUID, merged: Set<UUID> = [], organization: UUID?, groups: Set<String> = [],
      managerLevels: Set<Int> = []
    ) {
      (self.subject, self.subjects, self.organization) = (subject, merged.union([subject]), organization)
      (self.groups, self.managerLevels) = (groups, managerLevels)
    }
  }

  /// Whether somebody may do so for people of an organization. A partner's sponsor must belong to the partner now.
  package func allows(
    _ purpose: AccessRequest.Kind.Purpose, by submitter: Submitter,
    forPeopleOf organization: ConnectedOrganization?
  ) -> Bool {
    let isOpen =
      switch purpose {
      case .add: mayAdd
      case .update: mayUpdate
      case .remove: mayRemove
      }
    return isOpen
      && requestors.contains { requestor in
        switch requestor {
        case .singleUser(let named): submitter.subjects.contains(named)
        case .internalSponsors:
          submitter.subjects.contains {
            organization?.isInternalSponsor($0, in: submitter.groups) ?? false
          }
        case .externalSponsors: organization?.isExternalSponsor(submitter) ?? false
        case .targetManager(let level): submitter.managerLevels.contains(level)
        case .groupMembers(let group): submitter.groups.contains(group)
        }
      }
  }

  /// Whether asking is saying yes in the first stage: a partner's own sponsor, for an address of the partner's domains.
  package func isFirstStage(
    by submitter: Submitter, for target: Target, of organization: ConnectedOrganization?
  ) -> Bool {
    guard isFirstStage, !submitter.subjects.contains(target.subject), let organization else { return false }
    return organization.isExternalSponsor(submitter) && organization.hasDomain(ofEmail: target.email)
  }
}

extension ConnectedOrganization {
  fileprivate func isExternalSponsor(_ submitter: OnBehalf.Submitter) -> Bool {
    submitter.subjects.contains {
      isExternalSponsor($0, from: submitter.organization, in: submitter.groups)
    }
  }

  /// Whether an address is of one of its domains.
  package func hasDomain(ofEmail email: String) -> Bool {
    guard let domain = DomainName(email: email) else { return false }
    return identitySources.contains { source in
      switch source {
      case .issuer: false
      case .domain(let name, includeSubdomains: let included):
        included ? domain.isWithin(name) : domain == name
      }
    }
  }
}
