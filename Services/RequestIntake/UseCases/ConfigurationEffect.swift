import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols

/// What a change of an object does that the guards look at: what it widens, and whom it would cost access or account.
struct ConfigurationEffect {
  let tenant: UUID
  let configuration: TenantConfiguration
  let connection: Connection
  let now: Date

  /// - Parameter object: the object's next state; a deleted one where it goes.
  func of(
    _ object: Vestibule_Model_V1_ConfigurationObject, id: UUID, after before: ConfigurationEntry?
  ) throws -> GuardedEffect {
    let old = before.flatMap { $0.object.deleted ? nil : $0.object }
    return GuardedEffect(
      object: id, objectVersion: Int(before?.object.version.number ?? 0),
      widens: try widens(object, id: id, after: old), people: try people(object, id: id, after: old))
  }

  private func widens(
    _ object: Vestibule_Model_V1_ConfigurationObject, id: UUID,
    after old: Vestibule_Model_V1_ConfigurationObject?
  ) throws -> Set<Widening> {
    if case .resource(let resource) = object.object {
      return unmarks(old?.resource, resource, isGone: object.deleted) ? [.privilegeRemoved] : []
    }
    if object.deleted { return [] }
    switch object.object {
    case .assignmentPolicy:
      let policy = try AssignmentPolicy(object)
      guard holds(privileged, in: policy.accessPackage) else { return [] }
      return Widening.of(try old.map { try AssignmentPolicy($0) }, to: policy, at: now)
    case .accessPackage:
      return Widening.of(
        try old.map { try AccessPackage($0) }, to: try AccessPackage(object), privileged: privileged)
    case .connectedOrganization:
      return Widening.of(
        try old.map { try ConnectedOrganization($0) }, to: try ConnectedOrganization(object),
        policies: privilegedPolicies)
    case .issuer(let issuer):
      return signsInOthers(issuer, than: old?.issuer)
    case .tenantSettings, .roleAssignment, .catalog, .resource, .domainList, .lifecycleSettings, .terms, nil:
      return []
    }
  }

  private var privilegedPolicies: [AssignmentPolicy] {
    let privileged = privileged
    return configuration.policies.values.filter { holds(privileged, in: $0.accessPackage) }
  }

  /// Whoever signs in at an issuer is of the organization that it names, as if that had it among its sources.
  private func signsInOthers(
    _ issuer: Vestibule_Model_V1_Issuer, than old: Vestibule_Model_V1_Issuer?
  ) -> Set<Widening> {
    guard let organization = UUID(text: issuer.organization).flatMap({ configuration.organizations[$0] })
    else {
      return []
    }
    var before = organization
    if let old, old.organization == issuer.organization {
      before.identitySources.append(.issuer(old.issuer))
    }
    var after = before
    after.identitySources.append(.issuer(issuer.issuer))
    return Widening.of(before, to: after, policies: privilegedPolicies)
  }

  private func people(
    _ object: Vestibule_Model_V1_ConfigurationObject, id: UUID,
    after old: Vestibule_Model_V1_ConfigurationObject?
  ) throws -> Set<UUID> {
    let requests = RequestTable(connection: connection)
    switch object.object {
    case .accessPackage(let package):
      let kept = Set(package.resourceRoles.map { [$0.resource, $0.role] })
      let taken = (old?.accessPackage.resourceRoles ?? []).contains {
        !kept.contains([$0.resource, $0.role])
      }
      return taken ? try requests.holders(of: [id], tenant: tenant) : []
    case .connectedOrganization:
      let ends = try endsUnannounced(object) && !(try old.map(endsUnannounced) ?? false)
      return ends ? try requests.people(of: id, tenant: tenant) : []
    case .domainList:
      return try denied(by: object.deleted ? .none : try DomainList(object), requests)
    case .lifecycleSettings:
      let settings = object.deleted ? .standard : try LifecycleSettings(object)
      let standing = try old.map { try LifecycleSettings($0) } ?? .standard
      return settings.takesMore(than: standing, from: now)
        ? try requests.guestsWithoutAccess(tenant: tenant) : []
    case .tenantSettings, .issuer, .roleAssignment, .catalog, .resource, .assignmentPolicy, .terms, nil:
      return []
    }
  }

  /// Whether the organization is ended, or its contract is over before its notice could be given.
  private func endsUnannounced(_ object: Vestibule_Model_V1_ConfigurationObject) throws -> Bool {
    let organization = try ConnectedOrganization(object)
    return organization.state == .ended
      || OrganizationDeadlines.plan(of: organization).contains { $0.step == .contractNotice && $0.at < now }
  }

  /// The people who have something and could not get it any more.
  private func denied(by list: DomainList, _ requests: RequestTable) throws -> Set<UUID> {
    guard list != configuration.domainList else { return [] }
    return Set(
      try requests.addresses(tenant: tenant).filter { row in
        let domains = configuration.domains(of: row)
        return configuration.domainList.permits(domains) && !list.permits(domains)
      }.map(\.person))
  }

  /// Whether what was privileged is not marked any more where it is: held or not, for a package may hold it next.
  private func unmarks(
    _ old: Vestibule_Model_V1_Resource?, _ new: Vestibule_Model_V1_Resource, isGone: Bool
  ) -> Bool {
    guard let old, old.privileged else { return false }
    return isGone || !new.privileged || !old.isAtOrigin(of: new)
  }

  /// What is privileged is so under every name that it has in the catalogs.
  private var privileged: Set<UUID> {
    let origins = privilegedOrigins
    return Set(
      configuration.objects.values.filter { entry in
        guard case .resource(let resource) = entry.object.object else { return false }
        return origins.contains([resource.originSystem, resource.originID])
      }.map(\.id))
  }

  private var privilegedOrigins: Set<[String]> {
    configuration.objects.values.reduce(into: []) { origins, entry in
      guard case .resource(let resource) = entry.object.object, resource.privileged else { return }
      origins.insert([resource.originSystem, resource.originID])
    }
  }

  private func holds(_ resources: Set<UUID>, in package: UUID) -> Bool {
    configuration.packages[package]?.resourceRoles.contains { resources.contains($0.resource) } ?? false
  }
}
