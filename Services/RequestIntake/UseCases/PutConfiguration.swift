import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Creates an object or replaces the one of that id. The same content again changes nothing and tells
/// nothing.
struct PutConfiguration: Sendable {
  let store: ConfigurationStore

  func callAsFunction(
    _ asked: Vestibule_Model_V1_ConfigurationObject, tenant: UUID, principal: Principal, _ work: Work
  ) throws -> Vestibule_Model_V1_ConfigurationObject {
    let table = ConfigurationTable(connection: work.connection)
    let id = UUID(text: asked.id) ?? (asked.kind == .tenant ? tenant : work.newID())
    // Whoever fires takes the same order.
    if asked.kind == .connectedOrganization { try DeadlineTable(connection: work.connection).lock([id]) }
    if !(try table.lock(tenant)) { try create(tenant, for: asked, id: id, principal, table) }
    let loaded = try store.load([tenant], on: work.connection)
    let configuration = loaded.tenants[tenant] ?? TenantConfiguration()
    let rules = ConfigurationRules(configuration: configuration)
    let before = try table.find(id, tenant: tenant, epoch: loaded.epoch)

    let object = rules.filled(normalized(asked, id: id, tenant: tenant))
    try authorize(object, before, id, tenant, principal, configuration)
    try ConfigurationVersion.check(asked.hasVersion ? asked.version : nil, against: before)
    try object.validate()
    let subjects = try subjects(named: object, tenant, work)
    let reasons = rules.reasons(against: object, id: id, subjects: subjects)
    guard reasons.isEmpty else { throw Refusal(reasons) }
    if let before, before.object.content == object.content { return before.object }

    let change = ConfigurationChange(tenant: tenant, epoch: loaded.epoch, work: work)
    let saved = try change.save(object, id: id, after: before)
    try refill(object, id: id, rules, change)
    return saved
  }

  /// Only the operator makes tenants (decision 2).
  private func create(
    _ tenant: UUID, for object: Vestibule_Model_V1_ConfigurationObject, id: UUID, _ principal: Principal,
    _ table: ConfigurationTable
  ) throws {
    guard object.kind == .tenant, id == tenant, principal.isOperator else { throw Refusal.notFound }
    try table.create(tenant)
  }

  private func normalized(
    _ asked: Vestibule_Model_V1_ConfigurationObject, id: UUID, tenant: UUID
  ) -> Vestibule_Model_V1_ConfigurationObject {
    var object = asked
    (object.id, object.tenant, object.deleted) = (id.text, tenant.text, false)
    object.clearVersion()
    object.normalize()
    return object
  }

  /// Whoever moves an object needs the right over where it was, too.
  private func authorize(
    _ object: Vestibule_Model_V1_ConfigurationObject, _ before: ConfigurationEntry?, _ id: UUID,
    _ tenant: UUID,
    _ principal: Principal, _ configuration: TenantConfiguration
  ) throws {
    for object in [object, before?.object].compactMap(\.self) {
      try ConfigurationPermission.require(
        principal, toWrite: object, id: id, tenant: tenant, isNew: before?.object.deleted ?? true,
        configuration)
    }
  }

  private func subjects(
    named object: Vestibule_Model_V1_ConfigurationObject, _ tenant: UUID, _ work: Work
  ) throws -> Set<UUID> {
    let named = object.references.filter { $0.referent == .subject }.map(\.id)
    guard !named.isEmpty else { return [] }
    return Set(try SubjectTable(connection: work.connection).find(Set(named), tenants: [tenant]).keys)
  }

  /// Packages take a resource's new origin over.
  private func refill(
    _ object: Vestibule_Model_V1_ConfigurationObject, id: UUID, _ rules: ConfigurationRules,
    _ change: ConfigurationChange
  ) throws {
    guard case .resource = object.object else { return }
    let entry = try ConfigurationEntry(id: id, object: object)
    let newest = ConfigurationRules(
      configuration: try rules.configuration.taking([entry], revision: rules.configuration.revision))
    for package in rules.packages(with: id) {
      let filled = newest.filled(package.object)
      if filled != package.object { _ = try change.save(filled, id: package.id, after: package) }
    }
  }
}

extension Vestibule_Model_V1_ConfigurationObject {
  /// What it says, whatever its version.
  fileprivate var content: Self {
    var content = self
    content.clearVersion()
    return content
  }
}
