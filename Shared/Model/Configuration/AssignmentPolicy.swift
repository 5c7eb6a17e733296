package import Foundation

/// Who may ask for a package, who approves, and for how long it is given.
package struct AssignmentPolicy: Sendable, Hashable, Identifiable {
  package let id: UUID
  package var accessPackage: UUID
  package var displayName: String
  package var allowedTargets: AllowedTargets
  package var isDisabled: Bool
  package var expiration: Expiration
  package var maySelfAdd: Bool
  package var maySelfUpdate: Bool
  package var maySelfRemove: Bool
  /// Who may do so for others.
  package var onBehalf: OnBehalf
  /// Whether whoever asks may say when access begins and ends.
  package var mayChooseSchedule: Bool
  package var approval: Approval
  package var maximumTotalDuration: Period?
  /// In the order in which they are asked.
  package var questions: [Question]
  /// The terms of use that whoever asks has to accept.
  package var terms: [UUID]
  /// Whether what administrators assign does without.
  package var areTermsWaivedForDirectAssignment: Bool

  package init(
    id: UUID, accessPackage: UUID, displayName: String, allowedTargets: AllowedTargets,
    isDisabled: Bool = false,
    expiration: Expiration, maySelfAdd: Bool = true, maySelfUpdate: Bool = true, maySelfRemove: Bool = true,
    onBehalf: OnBehalf = .nobody, mayChooseSchedule: Bool = true, approval: Approval,
    maximumTotalDuration: Period? = nil,
    questions: [Question] = [], terms: [UUID] = [], areTermsWaivedForDirectAssignment: Bool = false
  ) {
    (self.id, self.accessPackage, self.displayName) = (id, accessPackage, displayName)
    (self.allowedTargets, self.isDisabled, self.expiration) = (allowedTargets, isDisabled, expiration)
    (self.maySelfAdd, self.maySelfUpdate, self.maySelfRemove) = (maySelfAdd, maySelfUpdate, maySelfRemove)
    (self.onBehalf, self.mayChooseSchedule) = (onBehalf, mayChooseSchedule)
    (self.approval, self.maximumTotalDuration) = (approval, maximumTotalDuration)
    (self.questions, self.terms) = (questions, terms)
    self.areTermsWaivedForDirectAssignment = areTermsWaivedForDirectAssignment
  }

  /// Graph's `allowedTargetScope`, without what is about machines.
  package enum AllowedTargets: Sendable, Hashable {
    /// Nobody asks; administrators assign.
    case notSpecified
    case connectedOrganizations(Set<UUID>)
    case allConfiguredConnectedOrganizations
    case allExternalUsers
    /// Named people, and whoever is in one of these groups of the built-in directory.
    case subjects(Set<UUID>, groups: Set<String> = [])
    case allMembers
    /// Members, and guests who hold access to something.
    case allDirectoryUsers

    /// The tier of the field's policy choice: only the strictest matching tier counts.
    package var tier: Int {
      switch self {
      case .connectedOrganizations, .subjects: 1
      case .allMembers: 2
      case .allDirectoryUsers: 3
      case .allConfiguredConnectedOrganizations, .allExternalUsers: 4
      case .notSpecified: 5
      }
    }
  }

  package enum Expiration: Sendable, Hashable {
    case never
    case at(Date)
    case after(Period)
  }

  /// Whether somebody has to say yes, and who.
  package struct Approval: Sendable, Hashable {
    package var requiredForAdd: Bool
    package var requiredForUpdate: Bool
    package var requestorJustificationRequired: Bool
    package var stages: [Stage]
    /// Whether those who answer for the catalog say yes themselves when nobody of a stage can be found.
    package var administratorsMayDecide: Bool

    package init(
      requiredForAdd: Bool, requiredForUpdate: Bool, requestorJustificationRequired: Bool = false,
      stages: [Stage], administratorsMayDecide: Bool = false
    ) {
      (self.requiredForAdd, self.requiredForUpdate) = (requiredForAdd, requiredForUpdate)
      (self.requestorJustificationRequired, self.stages) = (requestorJustificationRequired, stages)
      self.administratorsMayDecide = administratorsMayDecide
    }

    /// Whether whoever asks does not say why where that is wanted: blanks say nothing.
    package func misses(_ justification: String) -> Bool {
      requestorJustificationRequired && justification.allSatisfy(\.isWhitespace)
    }

    package static let none = Approval(requiredForAdd: false, requiredForUpdate: false, stages: [])
  }

  /// One round of asking.
  package struct Stage: Sendable, Hashable {
    package var timeout: Period
    package var approvers: [Approver]
    package var fallbackApprovers: [Approver]
    package var escalation: Escalation?
    /// How many have to say yes; a person counts once.
    package var approvalsRequired: Int
    package var approverJustificationRequired: Bool
    package var approverVisibility: ApproverVisibility

    package init(
      timeout: Period, approvers: [Approver], fallbackApprovers: [Approver] = [],
      escalation: Escalation? = nil, approvalsRequired: Int = 1, approverJustificationRequired: Bool = false,
      approverVisibility: ApproverVisibility = .tenantDefault
    ) {
      (self.timeout, self.approvers, self.fallbackApprovers) = (timeout, approvers, fallbackApprovers)
      (self.escalation, self.approvalsRequired) = (escalation, approvalsRequired)
      self.approverJustificationRequired = approverJustificationRequired
      self.approverVisibility = approverVisibility
    }
  }

  /// Who is asked too when a stage has waited so long.
  package struct Escalation: Sendable, Hashable {
    package var after: Period
    package var approvers: [Approver]
    package var fallbackApprovers: [Approver]

    package init(after: Period, approvers: [Approver], fallbackApprovers: [Approver] = []) {
      (self.after, self.approvers, self.fallbackApprovers) = (after, approvers, fallbackApprovers)
    }
  }

  package enum Approver: Sendable, Hashable {
    case singleUser(UUID)
    case internalSponsors
    case externalSponsors
    /// Above whoever asks: 1 is the manager, 2 the manager's manager.
    case requestorManager(level: Int)
    /// Those who answer for the person whom the access is for.
    case targetUserSponsors
    /// Whoever is in this group of the built-in directory.
    case groupMembers(String)
  }

  /// Whether whoever asked is told who decided.
  package enum ApproverVisibility: Sendable, Hashable {
    case tenantDefault, visible, notVisible

    package func isShown(byTenant isShownByDefault: Bool) -> Bool {
      switch self {
      case .tenantDefault: isShownByDefault
      case .visible: true
      case .notVisible: false
      }
    }
  }
}
