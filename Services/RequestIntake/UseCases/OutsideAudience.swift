import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols

/// An audience from outside takes the catalog's owner; who manages its policies may keep or narrow one (decision 17). People
/// from outside who are named, or are in a group that is named, are such an audience, too.
struct OutsideAudience {
  let tenant: UUID
  let configuration: TenantConfiguration
  let connection: Connection

  func require(
    _ principal: Principal, toSave object: Vestibule_Model_V1_ConfigurationObject,
    after before: ConfigurationEntry?
  ) throws {
    guard !principal.isOperator, case .assignmentPolicy = object.object,
      let policy = try? AssignmentPolicy(object),
      let catalog = configuration.catalog(of: policy.accessPackage)
    else { return }
    let facts = AuthorizationFacts(tenant: tenant)
    guard case .deny = Authorization.decide(principal, .manageCatalog(catalog), facts) else { return }
    let old = before.flatMap { $0.object.deleted ? nil : try? AssignmentPolicy($0.object) }
    guard try opens(policy, after: old) else { return }
    throw Refusal(
      .forbidden, "Letting people from outside in takes the catalog's owner.",
      field: "assignment_policy.allowed_target_scope", hint: "catalogOwner")
  }

  /// Whether somebody from outside may ask by the policy who could not before.
  private func opens(_ policy: AssignmentPolicy, after old: AssignmentPolicy?) throws -> Bool {
    guard policy.opensMore(than: old) else { return false }
    guard case .subjects(let people, let groups) = policy.allowedTargets else {
      return policy.allowedTargets.areExternal
    }
    var sameOtherwise = old
    sameOtherwise?.allowedTargets = policy.allowedTargets
    // Where the way in is as it was, those who were let in before are let in no further.
    switch policy.opensMore(than: sameOtherwise) ? nil : old?.allowedTargets {
    case .allExternalUsers: return false
    case .subjects(let known, groups: let knownGroups):
      return try anybodyFromOutside(people.subtracting(known), groups.subtracting(knownGroups))
    case nil, .notSpecified, .connectedOrganizations, .allConfiguredConnectedOrganizations, .allMembers,
      .allDirectoryUsers:
      return try anybodyFromOutside(people, groups)
    }
  }

  private func anybodyFromOutside(_ people: Set<UUID>, _ groups: Set<String>) throws -> Bool {
    let members = try GroupMemberCopies(connection: connection).members(of: groups, tenant: tenant)
    let meant = people.union(members)
    guard !meant.isEmpty else { return false }
    return try SubjectTable(connection: connection).find(meant, tenants: [tenant]).values
      .contains { $0.kind == .external }
  }
}
