import Contracts
import EntitlementModel
import Foundation
import Protocols

/// In files, objects go by name; everywhere else by id. A name's id is always the same, so applying a file again
/// meets the same objects.
struct ObjectNames {
  let tenant: UUID
  /// Names of ids that were not made from a name here, for export.
  var known: [String: String] = [:]

  static func tenantID(_ name: String) -> UUID { UUID(namedBy: ["tenant", name]) }

  func id(_ kind: String, _ name: String) -> String {
    if UUID(text: name) != nil { return name.lowercased() }
    return UUID(namedBy: [tenant.text, kind, name]).text
  }
}

extension Vestibule_Model_V1_ConfigurationObject {
  /// Puts something else in the place of every name (or id) of another object; `kind` is the other's kind.
  mutating func mapReferences(_ map: (_ kind: String, _ text: String) -> String) {
    func mapped(_ kind: Vestibule_Api_V1_Kind, _ text: String) -> String {
      text.isEmpty ? "" : map(kind.text, text)
    }
    mapGroups { $0.group = mapped(.resource, $0.group) }
    switch object {
    case .issuer(var issuer):
      issuer.organization = mapped(.connectedOrganization, issuer.organization)
      object = .issuer(issuer)
    case .roleAssignment(var assignment):
      assignment.subject = map("subject", assignment.subject)
      assignment.catalog = mapped(.catalog, assignment.catalog)
      object = .roleAssignment(assignment)
    case .resource(var resource):
      resource.catalog = mapped(.catalog, resource.catalog)
      object = .resource(resource)
    case .accessPackage(var package):
      package.catalog = mapped(.catalog, package.catalog)
      for index in package.resourceRoles.indices {
        package.resourceRoles[index].resource = mapped(.resource, package.resourceRoles[index].resource)
      }
      for index in package.incompatibleAccessPackages.indices {
        package.incompatibleAccessPackages[index].mapReferences(mapped, subject: { map("subject", $0) })
      }
      for index in package.incompatibleGroups.indices {
        package.incompatibleGroups[index].exceptions.mapSubjects { map("subject", $0) }
      }
      object = .accessPackage(package)
    case .assignmentPolicy(var policy):
      policy.mapReferences(mapped, subject: { map("subject", $0) })
      object = .assignmentPolicy(policy)
    case .connectedOrganization(var organization):
      organization.internalSponsors = organization.internalSponsors.map { map("subject", $0) }
      organization.externalSponsors = organization.externalSponsors.map { map("subject", $0) }
      object = .connectedOrganization(organization)
    case .tenantSettings, .catalog, .domainList, .lifecycleSettings, .terms, nil:
      break
    }
  }
}

extension Vestibule_Model_V1_Subject {
  /// Puts something else in the place of every name (or id) of another person.
  mutating func mapPeople(_ map: (String) -> String) {
    if !manager.isEmpty { manager = map(manager) }
    sponsors = sponsors.map(map)
  }

  /// What it goes by in a file: whoever came by themselves has no name.
  var title: String { name.isEmpty ? id : name }

  /// Everybody it names.
  var people: [String] { sponsors + (manager.isEmpty ? [] : [manager]) }
}

extension Vestibule_Model_V1_IncompatibleAccessPackage {
  fileprivate mutating func mapReferences(
    _ mapped: (Vestibule_Api_V1_Kind, String) -> String, subject: (String) -> String
  ) {
    accessPackage = mapped(.accessPackage, accessPackage)
    exceptions.mapSubjects(subject)
  }
}

extension [Vestibule_Model_V1_SeparationException] {
  fileprivate mutating func mapSubjects(_ map: (String) -> String) {
    for index in indices { self[index].subject = map(self[index].subject) }
  }
}

extension Vestibule_Model_V1_AssignmentPolicy {
  fileprivate mutating func mapReferences(
    _ mapped: (Vestibule_Api_V1_Kind, String) -> String, subject: (String) -> String
  ) {
    accessPackage = mapped(.accessPackage, accessPackage)
    if hasRequestorSettings { requestorSettings.onBehalfRequestors.mapSubjects(subject) }
    terms = terms.map { mapped(.terms, $0) }
    let namesPeople = allowedTargetScope == .specificDirectoryUsers
    specificAllowedTargets = specificAllowedTargets.map {
      namesPeople ? subject($0) : mapped(.connectedOrganization, $0)
    }
    for index in requestApprovalSettings.stages.indices {
      requestApprovalSettings.stages[index].primaryApprovers.mapSubjects(subject)
      requestApprovalSettings.stages[index].fallbackPrimaryApprovers.mapSubjects(subject)
      requestApprovalSettings.stages[index].escalationApprovers.mapSubjects(subject)
      requestApprovalSettings.stages[index].fallbackEscalationApprovers.mapSubjects(subject)
    }
  }
}

extension [Vestibule_Model_V1_SubjectSet] {
  fileprivate mutating func mapSubjects(_ map: (String) -> String) {
    for index in indices {
      if case .singleUser(var user) = self[index].members {
        user.subject = map(user.subject)
        self[index].members = .singleUser(user)
      }
    }
  }
}
