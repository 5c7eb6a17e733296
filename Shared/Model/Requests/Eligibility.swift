package import Foundation

/// Whether somebody may ask for a package: every check is made, and every one that fails is told (decision 8).
package struct Eligibility: Sendable {
  package var subject: Subject
  package var organization: ConnectedOrganization?
  package var catalog: Catalog
  package var policies: [AssignmentPolicy]
  package var domainList: DomainList
  /// The caller's choice among the policies, if any.
  package var chosenPolicy: UUID?
  /// The request or assignment that already stands for this person and package.
  package var standing: UUID?
  package var guestsOfOrganization: Int
  /// Whether the person holds access to something already.
  package var isGuest: Bool
  package var isAdministrator: Bool
  /// Asked by somebody whom these policies let ask for others.
  package var isOnBehalf: Bool
  /// In which of the groups that the policies name the person is.
  package var groups: Set<String>
  package var separation: SeparationOfDuties.Finding

  package init(
    subject: Subject, organization: ConnectedOrganization?, catalog: Catalog, policies: [AssignmentPolicy],
    domainList: DomainList, chosenPolicy: UUID?, standing: UUID?, guestsOfOrganization: Int = 0,
    isGuest: Bool = false,
    isAdministrator: Bool = false, isOnBehalf: Bool = false, groups: Set<String> = [],
    separation: SeparationOfDuties.Finding = .none
  ) {
    (self.subject, self.organization, self.catalog) = (subject, organization, catalog)
    (self.policies, self.domainList) = (policies, domainList)
    (self.chosenPolicy, self.standing) = (chosenPolicy, standing)
    (self.guestsOfOrganization, self.isAdministrator) = (guestsOfOrganization, isAdministrator)
    (self.isGuest, self.isOnBehalf) = (isGuest, isOnBehalf)
    (self.groups, self.separation) = (groups, separation)
  }

  /// The policy that a new request is made under, or every reason why there is none.
  package func judge(at now: Date) -> Result<AssignmentPolicy, Refusal> {
    let (policy, policyReasons) = choosePolicy()
    let reasons =
      personReasons(at: now) + placeReasons(at: now) + policyReasons + standingReasons
      + separation.reasons
    guard let policy, reasons.isEmpty else { return .failure(Refusal(reasons)) }
    return .success(policy)
  }

  private var standingReasons: [Reason] {
    standing.map {
      [
        Reason(
          .openRequestExists, "There is already a request or an assignment for this package.",
          hint: $0.uuidString.lowercased())
      ]
    } ?? []
  }

  private func personReasons(at now: Date) -> [Reason] {
    var reasons: [Reason] = []
    if subject.leftAt != nil { reasons.append(Reason(.subjectLeft, "This person has left.")) }
    if subject.isBarred(at: now) { reasons.append(Reason(.subjectBarred, "This person is barred.")) }
    if subject.kind == .external {
      let domains = (DomainName(email: subject.email).map { [$0] } ?? []) + (organization?.domains ?? [])
      if !domainList.permits(domains) {
        reasons.append(Reason(.domainDenied, "People of this e-mail domain may not become guests here."))
      }
    }
    return reasons
  }

  private func placeReasons(at now: Date) -> [Reason] {
    var reasons: [Reason] = []
    if catalog.state == .unpublished {
      reasons.append(Reason(.catalogNotPublished, "The catalog is not published."))
    }
    if subject.kind == .external, !catalog.isExternallyVisible {
      reasons.append(Reason(.catalogNotExternallyVisible, "The catalog is not open to people from outside."))
    }
    if let organization {
      if organization.state == .ended || organization.contractEnd.map({ $0 <= now }) == true {
        reasons.append(Reason(.organizationEnded, "The connected organization has ended."))
      }
      if let limit = organization.guestLimit, guestsOfOrganization >= limit {
        reasons.append(
          Reason(.organizationFull, "The organization has as many guests as it may.", hint: "\(limit)"))
      }
    }
    return reasons
  }

  /// The policies that a request could be made under, if nothing else stood in the way: of the strictest kind.
  package var applicablePolicies: [AssignmentPolicy] {
    let strictest = openPolicies.map(\.allowedTargets.tier).min()
    return openPolicies.filter { $0.allowedTargets.tier == strictest }
  }

  private var openPolicies: [AssignmentPolicy] {
    let candidates = policies.filter { !$0.isDisabled && matches($0) }
    return isAdministrator || isOnBehalf ? candidates : candidates.filter(\.maySelfAdd)
  }

  private func choosePolicy() -> (AssignmentPolicy?, [Reason]) {
    if let chosenPolicy { return choose(chosenPolicy) }
    let best = applicablePolicies
    if let policy = best.first, best.count == 1 { return (policy, []) }
    if best.isEmpty {
      return (nil, [Reason(.policyNotMatched, "No policy of this package is for this person.")])
    }
    return (
      nil,
      [
        Reason(
          .severalPoliciesMatch, "Say which policy is meant.", field: "assignment_policy", hint: applicableIDs
        )
      ]
    )
  }

  /// Whoever asks chooses among the strictest kind; what administrators assign directly is under the policy that they name.
  private func choose(_ id: UUID) -> (AssignmentPolicy?, [Reason]) {
    let choices = isAdministrator ? openPolicies : applicablePolicies
    if let policy = choices.first(where: { $0.id == id }) { return (policy, []) }
    let field = "assignment_policy"
    if openPolicies.contains(where: { $0.id == id }) {
      return (
        nil,
        [
          Reason(
            .policyOutranked, "Another policy, of a stricter kind, is for this person.", field: field,
            hint: applicableIDs)
        ]
      )
    }
    if policies.contains(where: { $0.id == id && $0.isDisabled }) {
      return (nil, [Reason(.policyDisabled, "This policy takes no requests.", field: field)])
    }
    return (nil, [Reason(.policyNotMatched, "This policy is not for this person.", field: field)])
  }

  private var applicableIDs: String {
    applicablePolicies.map { $0.id.uuidString.lowercased() }.sorted().joined(separator: " ")
  }

  private func matches(_ policy: AssignmentPolicy) -> Bool {
    switch policy.allowedTargets {
    case .notSpecified: isAdministrator
    case .subjects(let named, groups: let sets): named.contains(subject.id) || !groups.isDisjoint(with: sets)
    case .allMembers: subject.kind == .member
    case .allDirectoryUsers: subject.kind == .member || isGuest
    case .allExternalUsers: subject.kind == .external
    case .allConfiguredConnectedOrganizations:
      subject.kind == .external && organization?.state == .configured
    case .connectedOrganizations(let allowed):
      subject.kind == .external && organization.map { allowed.contains($0.id) } == true
    }
  }
}

/// Whether an assignment may be extended, and until when (decision 10).
package struct ExtensionRule: Sendable {
  /// The term an extension asks for now, or why it may not be asked for.
  ///
  /// - Parameter endsBy: the end of an exception from separation of duties, if it is held under one.
  package static func judge(
    policy: AssignmentPolicy, organization: ConnectedOrganization?, deliveredAt: Date?, endsAt: Date?,
    isAdministrator: Bool, isOnBehalf: Bool = false, endsBy: Date? = nil, at now: Date
  ) -> Result<Term, Refusal> {
    guard policy.maySelfUpdate || isAdministrator || isOnBehalf else {
      return .failure(Refusal(.extensionNotAllowed, "The policy does not let its access be extended."))
    }
    guard let deliveredAt, let endsAt else {
      return .failure(Refusal(.extensionNotAllowed, "This access has no end that could be moved."))
    }
    guard endsAt > now else { return .failure(Refusal(.assignmentNotLive, "This access has ended.")) }
    let lastThird = endsAt.timeIntervalSince(deliveredAt) / 3
    let opens = endsAt.addingTimeInterval(-min(lastThird, 30 * 86_400))
    guard now >= opens || isAdministrator else {
      return .failure(
        Refusal(.extensionTooEarly, "It is too early to extend.", hint: opens.formatted(.iso8601)))
    }
    let term = policy.term.capped(at: organization?.contractEnd)
      .capped(at: policy.maximumTotalDuration.map { deliveredAt + $0 }).capped(at: endsBy)
    if let end = term.end(from: now), end.microseconds <= endsAt.microseconds {
      return .failure(
        Refusal(.extensionLimitReached, "This access can not last longer.", hint: end.formatted(.iso8601)))
    }
    return .success(term)
  }
}

extension AssignmentPolicy {
  /// How long an assignment under this policy lasts.
  package var term: Term {
    switch expiration {
    case .never: Term()
    case .at(let end): Term(latestEnd: end)
    case .after(let duration): Term(duration: duration)
    }
  }
}
