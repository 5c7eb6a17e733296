import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols

/// One tenant's whole configuration at a revision, decoded. A value: a newer revision is another one.
struct TenantConfiguration: Sendable {
  private(set) var revision: Int64 = 0
  private(set) var objects: [UUID: ConfigurationEntry] = [:]
  private(set) var catalogs: [UUID: Catalog] = [:]
  private(set) var packages: [UUID: AccessPackage] = [:]
  /// The packages that name a package as one that may not be held beside them.
  private var namedIncompatibleBy: [UUID: Set<UUID>] = [:]
  /// The packages that make people members of a group, and those that nobody in it may hold.
  private var packagesGranting: [String: Set<UUID>] = [:]
  private var packagesExcluding: [String: Set<UUID>] = [:]
  private(set) var policies: [UUID: AssignmentPolicy] = [:]
  /// The policies of each package, by id.
  private(set) var policiesOfPackage: [UUID: Set<UUID>] = [:]
  private(set) var organizations: [UUID: ConnectedOrganization] = [:]
  private(set) var sources: [String: Source] = [:]
  private(set) var roles: [UUID: SubjectRole] = [:]
  private(set) var rolesOfSubject: [UUID: Set<UUID>] = [:]
  private(set) var domainList = DomainList.none
  private(set) var terms: [UUID: TermsOfUse] = [:]
  private(set) var publicMailDomains = PublicMailDomains.known
  private(set) var retention = Tenant.standardRetention
  private(set) var timeZone = TimeZone.gmt
  /// Whether whoever asked is told who decided, where a stage does not say.
  private(set) var showsApprovers = true

  /// An identity source of an organization.
  struct Source: Sendable {
    let organization: UUID
    let includesSubdomains: Bool
  }

  struct SubjectRole: Sendable {
    let subject: UUID
    let granted: GrantedRole
  }

  /// The same configuration with these objects in their newer states.
  func taking(_ changed: [ConfigurationEntry], revision newest: Int64) throws -> TenantConfiguration {
    var next = self
    for entry in changed {
      next.forget(entry.id)
      guard !entry.object.deleted else { continue }
      next.objects[entry.id] = entry
      try next.index(entry)
    }
    next.revision = newest
    return next
  }

  func policies(of package: UUID) -> [AssignmentPolicy] {
    (policiesOfPackage[package] ?? []).compactMap { policies[$0] }
  }

  /// What holders under a policy are asked: by the policy, and for the accounts that its package's resources need.
  func questions(under policy: AssignmentPolicy) -> [Question] {
    policy.questions + (packages[policy.accessPackage]?.attributes.map(\.question) ?? [])
  }

  /// The catalog of a package; nil for an unknown package.
  func catalog(of package: UUID) -> UUID? {
    packages[package]?.catalog
  }

  /// The packages that may not be held beside this one: what one of the two says of the other, and of each group that
  /// one of them gives and the other excludes, with the exceptions from it.
  func incompatible(with package: UUID) -> [UUID: [[SeparationException]]] {
    guard let named = packages[package] else { return [:] }
    var all = (namedIncompatibleBy[package] ?? []).reduce(into: named.incompatible) { all, other in
      all[other, default: []] += packages[other]?.incompatible[package] ?? []
    }.mapValues { [$0] }
    for (group, exceptions) in named.incompatibleGroups {
      for other in packagesGranting[group] ?? [] { all[other, default: []].append(exceptions) }
    }
    for group in Set(named.resourceRoles.compactMap(\.membership)) {
      for other in packagesExcluding[group] ?? [] {
        all[other, default: []].append(packages[other]?.incompatibleGroups[group] ?? [])
      }
    }
    return all
  }

  func grantedRoles(of subject: UUID) -> [GrantedRole] {
    (rolesOfSubject[subject] ?? []).compactMap { roles[$0]?.granted }
  }

  /// Whose person somebody with these keys is (decision 3): the first that leads to an organization.
  func organization(matching keys: [OrganizationMatching.Key]) -> UUID? {
    for key in keys {
      guard let source = sources[key.text], source.includesSubdomains || !key.needsSubdomains else {
        continue
      }
      return source.organization
    }
    return nil
  }

  private mutating func index(_ entry: ConfigurationEntry) throws {
    let (id, object) = (entry.id, entry.object)
    switch object.object {
    case .catalog: catalogs[id] = try Catalog(object)
    case .accessPackage: index(try AccessPackage(object), id: id)
    case .assignmentPolicy:
      let policy = try AssignmentPolicy(object)
      policies[id] = policy
      policiesOfPackage[policy.accessPackage, default: []].insert(id)
    case .connectedOrganization: index(try ConnectedOrganization(object))
    case .roleAssignment(let assignment): index(assignment, id: id)
    case .domainList: domainList = try DomainList(object)
    case .terms: terms[id] = try TermsOfUse(object)
    case .tenantSettings:
      let tenant = try Tenant(object)
      (publicMailDomains, retention) = (tenant.publicMailDomains, tenant.retention)
      timeZone = TimeZone(identifier: tenant.timeZone) ?? .gmt
      showsApprovers = tenant.showsApprovers
    case .issuer, .resource, .lifecycleSettings, nil: break
    }
  }

  private mutating func index(_ package: AccessPackage, id: UUID) {
    packages[id] = package
    for other in package.incompatible.keys { namedIncompatibleBy[other, default: []].insert(id) }
    for group in package.incompatibleGroups.keys { packagesExcluding[group, default: []].insert(id) }
    for group in package.resourceRoles.compactMap(\.membership) {
      packagesGranting[group, default: []].insert(id)
    }
  }

  private mutating func index(_ organization: ConnectedOrganization) {
    organizations[organization.id] = organization
    for source in organization.identitySources {
      sources[source.key] = Source(
        organization: organization.id, includesSubdomains: source.includesSubdomains)
    }
  }

  private mutating func index(_ assignment: Vestibule_Model_V1_RoleAssignment, id: UUID) {
    guard let subject = UUID(text: assignment.subject), let role = Role(rawValue: assignment.role.text) else {
      return
    }
    roles[id] = SubjectRole(
      subject: subject, granted: GrantedRole(role: role, catalog: UUID(text: assignment.catalog)))
    rolesOfSubject[subject, default: []].insert(id)
  }

  private mutating func forget(_ id: UUID) {
    guard let known = objects.removeValue(forKey: id) else { return }
    catalogs[id] = nil
    terms[id] = nil
    if let package = packages.removeValue(forKey: id) {
      for other in package.incompatible.keys { namedIncompatibleBy[other]?.remove(id) }
      for group in package.incompatibleGroups.keys { packagesExcluding[group]?.remove(id) }
      for group in package.resourceRoles.compactMap(\.membership) { packagesGranting[group]?.remove(id) }
    }
    if let policy = policies.removeValue(forKey: id) { policiesOfPackage[policy.accessPackage]?.remove(id) }
    if let organization = organizations.removeValue(forKey: id) {
      for source in organization.identitySources where sources[source.key]?.organization == id {
        sources[source.key] = nil
      }
    }
    if let role = roles.removeValue(forKey: id) { rolesOfSubject[role.subject]?.remove(id) }
    if known.object.kind == .domainList { domainList = .none }
  }
}

extension IdentitySource {
  var includesSubdomains: Bool {
    switch self {
    case .issuer: false
    case .domain(_, includeSubdomains: let included): included
    }
  }
}
