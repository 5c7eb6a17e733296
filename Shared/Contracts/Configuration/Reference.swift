package import Foundation
package import Protocols

/// That an object names another by its id, and what that id must be.
package struct Reference: Sendable, Hashable {
  package enum Referent: Sendable, Hashable {
    case configuration(Vestibule_Api_V1_Kind)
    case subject
  }

  /// The path of the field that names it.
  package let field: String
  package let id: UUID
  package let referent: Referent

  package init(field: String, id: UUID, referent: Referent) {
    (self.field, self.id, self.referent) = (field, id, referent)
  }
}

extension Vestibule_Model_V1_ConfigurationObject {
  /// Everything it names by id. Ids that are malformed are `validate`'s to tell, and left out here.
  package var references: [Reference] {
    switch object {
    case .issuer(let issuer):
      [.to(.connectedOrganization, issuer.organization, at: "issuer.organization")].known
    case .roleAssignment(let role):
      [
        .toSubject(role.subject, at: "role_assignment.subject"),
        .to(.catalog, role.catalog, at: "role_assignment.catalog"),
      ].known
    case .resource(let resource): [.to(.catalog, resource.catalog, at: "resource.catalog")].known
    case .accessPackage(let package): package.references
    case .assignmentPolicy(let policy): policy.references
    case .connectedOrganization(let organization): organization.references
    case .tenantSettings, .catalog, .domainList, .lifecycleSettings, .terms, nil: []
    }
  }
}

extension Vestibule_Model_V1_AccessPackage {
  fileprivate var references: [Reference] {
    let roles = resourceRoles.enumerated().map { index, role in
      Reference.to(.resource, role.resource, at: "access_package.resource_roles[\(index)].resource")
    }
    let incompatible = incompatibleAccessPackages.enumerated().flatMap { index, other in
      let path = "access_package.incompatible_access_packages[\(index)]"
      return [.to(.accessPackage, other.accessPackage, at: "\(path).access_package")]
        + Reference.excepted(other.exceptions, at: path)
    }
    let groups = incompatibleGroups.enumerated().flatMap { index, other in
      let path = "access_package.incompatible_groups[\(index)]"
      return [.to(.resource, other.group, at: "\(path).group")]
        + Reference.excepted(other.exceptions, at: path)
    }
    return ([.to(.catalog, catalog, at: "access_package.catalog")] + roles + incompatible + groups).known
  }
}

extension Vestibule_Model_V1_AssignmentPolicy {
  fileprivate var references: [Reference] {
    let targets = specificAllowedTargets.enumerated().map { index, id in
      let field = "assignment_policy.specific_allowed_targets[\(index)]"
      return allowedTargetScope == .specificDirectoryUsers
        ? Reference.toSubject(id, at: field) : Reference.to(.connectedOrganization, id, at: field)
    }
    let stages = requestApprovalSettings.stages.enumerated().flatMap { index, stage in
      stage.references(at: "assignment_policy.request_approval_settings.stages[\(index)]")
    }
    let requestors = Vestibule_Model_V1_ApprovalStage.users(
      requestorSettings.onBehalfRequestors, at: "assignment_policy.requestor_settings.on_behalf_requestors")
    let demanded = terms.enumerated().map { index, id in
      Reference.to(.terms, id, at: "assignment_policy.terms[\(index)]")
    }
    return
      ([.to(.accessPackage, accessPackage, at: "assignment_policy.access_package")] + targets + demanded
      + Reference.groups(specificAllowedGroups, at: "assignment_policy.specific_allowed_groups"))
      .known
      + stages + requestors
  }
}

extension Vestibule_Model_V1_ApprovalStage {
  fileprivate func references(at path: String) -> [Reference] {
    Self.users(primaryApprovers, at: "\(path).primary_approvers")
      + Self.users(fallbackPrimaryApprovers, at: "\(path).fallback_primary_approvers")
      + Self.users(escalationApprovers, at: "\(path).escalation_approvers")
      + Self.users(fallbackEscalationApprovers, at: "\(path).fallback_escalation_approvers")
  }

  fileprivate static func users(_ sets: [Vestibule_Model_V1_SubjectSet], at path: String) -> [Reference] {
    sets.enumerated().map { index, set in
      if case .groupMembers(let members) = set.members {
        return Reference.to(.resource, members.group, at: "\(path)[\(index)].group_members.group")
      }
      return Reference.toSubject(set.singleUser.subject, at: "\(path)[\(index)].single_user.subject")
    }.known
  }
}

extension Vestibule_Model_V1_ConnectedOrganization {
  fileprivate var references: [Reference] {
    Self.sponsors(internalSponsors, at: "connected_organization.internal_sponsors")
      + Self.sponsors(externalSponsors, at: "connected_organization.external_sponsors")
      + Reference.groups(
        internalSponsorGroups, at: "connected_organization.internal_sponsor_groups"
      ).known
      + Reference.groups(
        externalSponsorGroups, at: "connected_organization.external_sponsor_groups"
      ).known
  }

  private static func sponsors(_ ids: [String], at path: String) -> [Reference] {
    ids.enumerated().map { index, id in Reference.toSubject(id, at: "\(path)[\(index)]") }.known
  }
}

extension Reference {
  fileprivate static func to(_ kind: Vestibule_Api_V1_Kind, _ text: String, at field: String) -> Reference? {
    UUID(text: text).map { Reference(field: field, id: $0, referent: .configuration(kind)) }
  }

  fileprivate static func groups(_ groups: [Vestibule_Model_V1_GroupMembers], at field: String)
    -> [Reference?]
  {
    groups.enumerated().map { index, members in to(.resource, members.group, at: "\(field)[\(index)].group") }
  }

  fileprivate static func excepted(
    _ exceptions: [Vestibule_Model_V1_SeparationException], at path: String
  ) -> [Reference?] {
    exceptions.enumerated().map { toSubject($1.subject, at: "\(path).exceptions[\($0)].subject") }
  }

  fileprivate static func toSubject(_ text: String, at field: String) -> Reference? {
    UUID(text: text).map { Reference(field: field, id: $0, referent: .subject) }
  }
}

extension [Reference?] {
  fileprivate var known: [Reference] { compactMap(\.self) }
}
