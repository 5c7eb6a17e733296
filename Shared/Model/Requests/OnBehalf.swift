package import Foundation

/// Who may ask for, extend or give up access for somebody else, besides those who manage assignments; Graph's
/// `onBehalfRequestors`.
package struct OnBehalf: Sendable, Hashable {
  package var requestors: [AssignmentPolicy.Approver]
  package var mayAdd: Bool
  package var mayUpdate: Bool
  package var mayRemove: Bool
  /// Whether a partner's sponsor who asks for somebody of the partner has thereby said yes in the first stage (decision 14).
  package var isFirstStage: Bool

  package init(
    requestors: [AssignmentPolicy.Approver], mayAdd: Bool, mayUpdate: Bool, mayRemove: Bool,
    isFirstStage: Bool = false
  ) {
    (self.requestors, self.mayAdd, self.mayUpdate) = (requestors, mayAdd, mayUpdate)
    (self.mayRemove, self.isFirstStage) = (mayRemove, isFirstStage)
  }

  package static let nobody = OnBehalf(requestors: [], mayAdd: false, mayUpdate: false, mayRemove: false)

  /// Who asks, and from where.
  package struct Submitter: Sendable, Hashable {
    package let subject: UUID
    package let organization: UUID?

    package init(subject: UUID, organization: UUID?) {
      (self.subject, self.organization) = (subject, organization)
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
        case .singleUser(let named): named == submitter.subject
        case .internalSponsors: organization?.internalSponsors.contains(submitter.subject) ?? false
        case .externalSponsors: organization?.isExternalSponsor(submitter) ?? false
        // Refused when a policy is saved.
        case .requestorManager, .targetUserSponsors, .groupMembers: false
        }
      }
  }

  /// Whether asking is saying yes in the first stage: a partner's own sponsor, for an address of the partner's domains.
  package func isFirstStage(
    by submitter: Submitter, for target: Target, of organization: ConnectedOrganization?
  ) -> Bool {
    guard isFirstStage, submitter.subject != target.subject, let organization else { return false }
    return organization.isExternalSponsor(submitter) && organization.hasDomain(ofEmail: target.email)
  }
}

extension ConnectedOrganization {
  fileprivate func isExternalSponsor(_ submitter: OnBehalf.Submitter) -> Bool {
    externalSponsors.contains(submitter.subject) && submitter.organization == id
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
