import Contracts
import EntitlementModel
import Foundation
import Protocols

/// What holds between the objects of a tenant's configuration.
struct ConfigurationRules {
  let configuration: TenantConfiguration

  /// Fills in what an object takes over from others: a role's origin; of a resource, what its last refresh found.
  func filled(_ object: Vestibule_Model_V1_ConfigurationObject) -> Vestibule_Model_V1_ConfigurationObject {
    if case .resource(let resource) = object.object {
      var filled = object
      filled.resource = resource.refreshed(as: UUID(text: object.id).flatMap { configuration.objects[$0] })
      return filled
    }
    var object = object
    object.mapGroups { $0.originID = resource($0.group)?.originID ?? "" }
    guard case .accessPackage(var package) = object.object else { return object }
    for index in package.resourceRoles.indices {
      guard let resource = resource(package.resourceRoles[index].resource) else { continue }
      package.resourceRoles[index].originSystem = resource.originSystem
      package.resourceRoles[index].originID = resource.originID
      package.resourceRoles[index].kind = resource.kind
    }
    package.attributes = attributes(of: package).compactMap(\.first)
    object.accessPackage = package
    return object
  }

  /// Every reason why the object must not stand beside the others; `subjects` are the people there are, `stored` is what
  /// it takes the place of, deleted or not.
  func reasons(
    against object: Vestibule_Model_V1_ConfigurationObject, id: UUID, stored: ConfigurationEntry?,
    subjects: Set<UUID>
  ) -> [Reason] {
    missing(object, subjects) + taken(object, id) + changed(object, stored?.object) + misplacedRoles(object)
      + withdrawnRoles(object, id) + faultyGroups(object) + movedResource(object, id) + movedGroup(object, id)
      + conflictingAttributes(object, id) + excludedByItself(object)
  }

  /// The objects that an object is needed by, by name.
  func users(of id: UUID) -> [ConfigurationEntry] {
    configuration.objects.values.filter { entry in
      entry.object.references.contains { $0.id == id && $0.referent != .subject }
    }.sorted { ($0.object.name, $0.id) < ($1.object.name, $1.id) }
  }

  /// The packages that hold roles of a resource.
  func packages(with resource: UUID) -> [ConfigurationEntry] {
    configuration.objects.values.filter { entry in
      guard case .accessPackage(let package) = entry.object.object else { return false }
      return package.resourceRoles.contains { UUID(text: $0.resource) == resource }
    }.sorted { $0.id < $1.id }
  }

  private func missing(_ object: Vestibule_Model_V1_ConfigurationObject, _ subjects: Set<UUID>) -> [Reason] {
    object.references.compactMap { reference in
      switch reference.referent {
      case .subject where subjects.contains(reference.id): return nil
      case .configuration(let kind) where configuration.objects[reference.id]?.object.kind == kind: return nil
      case .subject, .configuration:
        return Reason(
          .unknownReference, "There is nothing of this id that could be meant.", field: reference.field,
          hint: reference.id.text)
      }
    }
  }

  private func taken(_ object: Vestibule_Model_V1_ConfigurationObject, _ id: UUID) -> [Reason] {
    let others = configuration.objects.values.filter { $0.id != id && $0.object.kind == object.kind }
    if let other = others.first(where: { $0.object.name == object.name || isOneOfItsKind(object) }) {
      return [
        Reason(
          .nameTaken, "There is another object of this kind and name.", field: "name", hint: other.id.text)
      ]
    }
    return []
  }

  private func isOneOfItsKind(_ object: Vestibule_Model_V1_ConfigurationObject) -> Bool {
    switch object.object {
    case .tenantSettings, .domainList, .lifecycleSettings: true
    case .issuer, .roleAssignment, .catalog, .resource, .accessPackage, .assignmentPolicy,
      .connectedOrganization, .terms, nil:
      false
    }
  }

  private func changed(
    _ object: Vestibule_Model_V1_ConfigurationObject, _ before: Vestibule_Model_V1_ConfigurationObject?
  ) -> [Reason] {
    guard let before else { return [] }
    if before.kind != object.kind {
      return [Reason(.outOfRange, "An object keeps its kind.", field: "object", hint: before.kind.text)]
    }
    // Of terms that were deleted, too, is on record what was accepted.
    if let now = try? TermsOfUse(object), let before = try? TermsOfUse(before), !now.mayReplace(before) {
      return [
        Reason(
          .outOfRange, "What people accepted stays as it is: other texts are another version.",
          field: "terms.version", hint: "\(before.version + 1)")
      ]
    }
    return before.deleted ? [] : rehung(object, before)
  }

  /// What hangs on something else stays there.
  private func rehung(
    _ object: Vestibule_Model_V1_ConfigurationObject, _ before: Vestibule_Model_V1_ConfigurationObject
  ) -> [Reason] {
    switch object.object {
    case .assignmentPolicy(let policy)
    where UUID(text: policy.accessPackage) != UUID(text: before.assignmentPolicy.accessPackage):
      [
        Reason(
          .outOfRange, "A policy stays with its package.", field: "assignment_policy.access_package",
          hint: before.assignmentPolicy.accessPackage)
      ]
    case .accessPackage(let package)
    where UUID(text: package.catalog) != UUID(text: before.accessPackage.catalog):
      [
        Reason(
          .outOfRange, "A package stays in its catalog.", field: "access_package.catalog",
          hint: before.accessPackage.catalog)
      ]
    case .assignmentPolicy, .accessPackage, .tenantSettings, .issuer, .roleAssignment, .catalog, .resource,
      .connectedOrganization, .domainList, .lifecycleSettings, .terms, nil:
      []
    }
  }

  /// A package bundles roles that resources of its own catalog offer.
  private func misplacedRoles(_ object: Vestibule_Model_V1_ConfigurationObject) -> [Reason] {
    guard case .accessPackage(let package) = object.object else { return [] }
    return package.resourceRoles.enumerated().compactMap { index, role in
      guard let resource = resource(role.resource) else { return nil }
      let path = "access_package.resource_roles[\(index)]"
      if resource.catalog != package.catalog {
        return Reason(
          .unknownReference, "The resource is of another catalog.", field: "\(path).resource",
          hint: resource.catalog)
      }
      if resource.roles.contains(role.role) { return nil }
      return Reason(
        .unknownReference, "The resource offers no such role.", field: "\(path).role",
        hint: resource.roles.joined(separator: ", "))
    }
  }

  /// A resource keeps offering the roles that packages hold.
  private func withdrawnRoles(_ object: Vestibule_Model_V1_ConfigurationObject, _ id: UUID) -> [Reason] {
    guard case .resource(let resource) = object.object else { return [] }
    return packages(with: id).compactMap { entry in
      let held = entry.object.accessPackage.resourceRoles.filter { UUID(text: $0.resource) == id }.map(\.role)
      let withdrawn = held.filter { !resource.roles.contains($0) }
      if resource.catalog == entry.object.accessPackage.catalog, withdrawn.isEmpty { return nil }
      let what = withdrawn.isEmpty ? "the resource" : "the role \(withdrawn.joined(separator: ", "))"
      return Reason(
        .inUse, "The package \(entry.object.name) holds \(what).", field: "resource.roles",
        hint: entry.id.text)
    }
  }

  /// A group that is named for who is in it is one of the built-in directory.
  private func faultyGroups(_ object: Vestibule_Model_V1_ConfigurationObject) -> [Reason] {
    let named = Set(object.groupReferences.compactMap { UUID(text: $0.group) })
    return object.references.filter { named.contains($0.id) }.compactMap { reference in
      guard let resource = resource(reference.id.text), !resource.isDirectoryGroup else { return nil }
      return Reason(
        .outOfRange, "Only a group of the built-in directory can be meant.", field: reference.field,
        hint: "a resource of kind group and origin directory")
    }
  }

  /// What packages hold stays where it is: its holders were granted it there.
  private func movedResource(_ object: Vestibule_Model_V1_ConfigurationObject, _ id: UUID) -> [Reason] {
    guard case .resource(let resource) = object.object, let before = self.resource(id.text),
      !before.isAtOrigin(of: resource)
    else { return [] }
    let field = before.originSystem == resource.originSystem ? "origin_id" : "origin_system"
    return packages(with: id).map { entry in
      Reason(
        .inUse,
        "The package \(entry.object.name) holds a role of it: let packages hold another resource instead.",
        field: "resource.\(field)", hint: entry.id.text)
    }
  }

  /// Whoever holds a package may hold it: it does not exclude the group that it gives.
  private func excludedByItself(_ object: Vestibule_Model_V1_ConfigurationObject) -> [Reason] {
    guard case .accessPackage(let message) = object.object, let package = try? AccessPackage(message) else {
      return []
    }
    let given = Set(package.resourceRoles.compactMap(\.membership))
    return message.incompatibleGroups.enumerated().filter { given.contains($1.originID) }.map { index, _ in
      Reason(
        .outOfRange, "The package makes people members of the group that it excludes.",
        field: "access_package.incompatible_groups[\(index)].group",
        hint: "a group of which the package has no role \"member\"")
    }
  }

  /// A group that is named for who is in it stays what it is.
  private func movedGroup(_ object: Vestibule_Model_V1_ConfigurationObject, _ id: UUID) -> [Reason] {
    guard case .resource(let resource) = object.object, let before = self.resource(id.text) else { return [] }
    guard !resource.isDirectoryGroup || resource.originID != before.originID else { return [] }
    let user = configuration.objects.values.first { entry in
      entry.object.groupReferences.contains { UUID(text: $0.group) == id }
    }
    guard let user else { return [] }
    return [
      Reason(
        .inUse, "A policy or a package names its members.", field: "resource.origin_id", hint: user.id.text)
    ]
  }

  /// What a package's resources ask for, those for the same attribute together, in the order of the package's roles.
  private func attributes(
    of package: Vestibule_Model_V1_AccessPackage, with changed: (id: UUID, Vestibule_Model_V1_Resource)? = nil
  ) -> [[Vestibule_Model_V1_ResourceAttribute]] {
    var (order, byID) = ([String](), [String: [Vestibule_Model_V1_ResourceAttribute]]())
    var seen: Set<UUID> = []
    for id in package.resourceRoles.compactMap({ UUID(text: $0.resource) }) where seen.insert(id).inserted {
      guard let resource = id == changed?.id ? changed?.1 : resource(id.text) else { continue }
      for var attribute in resource.attributes {
        attribute.originSystem = resource.originSystem
        let id = ResourceAttribute.id(of: attribute.name, at: attribute.originSystem)
        if byID[id] == nil { order.append(id) }
        byID[id, default: []].append(attribute)
      }
    }
    return order.compactMap { byID[$0] }
  }

  /// Resources of one package that ask for the same attribute ask the same, and not too much together.
  private func conflictingAttributes(
    _ object: Vestibule_Model_V1_ConfigurationObject, _ id: UUID
  ) -> [Reason] {
    switch object.object {
    case .accessPackage(let package):
      return faults(of: attributes(of: package), in: object.name, at: "access_package.resource_roles")
    case .resource(let resource) where !resource.attributes.isEmpty:
      return packages(with: id).flatMap { entry in
        faults(
          of: attributes(of: entry.object.accessPackage, with: (id, resource)), in: entry.object.name,
          at: "resource.attributes")
      }
    case .resource, .tenantSettings, .issuer, .roleAssignment, .catalog, .assignmentPolicy,
      .connectedOrganization, .domainList, .lifecycleSettings, .terms, nil:
      return []
    }
  }

  private func faults(
    of attributes: [[Vestibule_Model_V1_ResourceAttribute]], in package: String, at field: String
  ) -> [Reason] {
    var faults = attributes.filter { Set($0).count > 1 }.map {
      Reason(
        .outOfRange,
        "Two resources of the package \(package) ask for the attribute \($0[0].name) in different ways.",
        field: field, hint: "the same question and settings in both")
    }
    if attributes.count > AttributeLimits.mostOfPackage {
      faults.append(
        Reason(
          .tooManyItems, "The package \(package) would ask for too many attributes.", field: field,
          hint: "at most \(AttributeLimits.mostOfPackage)"))
    }
    return faults
  }

  private func resource(_ id: String) -> Vestibule_Model_V1_Resource? {
    guard case .resource(let resource) = UUID(text: id).flatMap({ configuration.objects[$0] })?.object.object
    else {
      return nil
    }
    return resource
  }
}

extension Vestibule_Model_V1_Resource {
  /// What a refresh found stays as it is while the origin does.
  fileprivate func refreshed(as stored: ConfigurationEntry?) -> Self {
    var resource = self
    resource.clearRefreshedAt()
    (resource.vanishedRoles, resource.refreshFailure) = ([], "")
    guard case .resource(let before) = stored?.object.object, before.originSystem == originSystem,
      before.originID == originID, before.hasRefreshedAt
    else { return resource }
    resource.refreshedAt = before.refreshedAt
    resource.vanishedRoles = before.vanishedRoles.filter(roles.contains)
    resource.refreshFailure = before.refreshFailure
    return resource
  }

  /// Whether both are the same thing of the same connector.
  func isAtOrigin(of other: Self) -> Bool {
    [originSystem, originID] == [other.originSystem, other.originID]
  }

  fileprivate var isDirectoryGroup: Bool { kind == .group && originSystem == "directory" }
}
