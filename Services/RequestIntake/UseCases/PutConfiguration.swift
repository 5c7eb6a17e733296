import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Creates an object or replaces the one of that id. The same content again changes nothing and tells
/// nothing.
struct PutConfiguration: Sendable {
  let store: ConfigurationStore

  /// - Returns: the object as stored, or the confirmation that the change waits for.
  func callAsFunction(
    _ asked: Vestibule_Model_V1_ConfigurationObject, tenant: UUID, principal: Principal, _ work: Work,
    _ admission: Admission = .judged
  ) throws -> Guarded<SavedConfiguration> {
    let judged = try judge(asked, tenant: tenant, principal: principal, mayCreate: true, work, admission)
    if let before = judged.before, before.object.content == judged.object.content {
      return .done(SavedConfiguration(object: before.object))
    }
    let guarding = MassChangeGuard(work: work, tenant: tenant, principal: principal)
    let change = Vestibule_Model_V1_GuardedChange.with { $0.put = judged.object }
    if let waiting = try guarding.admit(change, judged.effect, admission) { return .waits(waiting) }
    let writing = ConfigurationChange(
      tenant: tenant, epoch: judged.epoch, initiator: principal.initiator, work: work)
    let saved = try writing.save(judged.object, id: judged.id, after: judged.before)
    try refill(judged.object, id: judged.id, judged.rules, writing)
    return .done(
      SavedConfiguration(object: saved, warnings: try judged.warnings(), people: judged.effect.people))
  }

  /// Says what would follow, and changes nothing.
  func dryRun(
    _ asked: Vestibule_Model_V1_ConfigurationObject, tenant: UUID, principal: Principal, _ work: Work,
    _ admission: Admission = .judged
  ) throws -> (saved: SavedConfiguration, effect: GuardedEffect, mustWait: Bool) {
    let judged = try judge(asked, tenant: tenant, principal: principal, mayCreate: false, work, admission)
    let isSame = judged.before?.object.content == judged.object.content
    let effect = isSame ? GuardedEffect(object: judged.id, objectVersion: 0) : judged.effect
    let mustWait = try MassChangeGuard(work: work, tenant: tenant, principal: principal).exceeds(effect)
    return (SavedConfiguration(object: judged.object, warnings: try judged.warnings()), effect, mustWait)
  }

  private func judge(
    _ asked: Vestibule_Model_V1_ConfigurationObject, tenant: UUID, principal: Principal, mayCreate: Bool,
    _ work: Work, _ admission: Admission
  ) throws -> JudgedConfiguration {
    let table = ConfigurationTable(connection: work.connection)
    let id = UUID(text: asked.id) ?? (asked.kind == .tenant ? tenant : work.newID())
    // Whoever fires takes the same order.
    if asked.kind == .connectedOrganization { try DeadlineTable(connection: work.connection).lock([id]) }
    if !(try table.lock(tenant)) {
      guard mayCreate else { throw Refusal.notFound }
      try create(tenant, for: asked, id: id, principal, table)
    }
    let loaded = try store.load([tenant], on: work.connection)
    let configuration = loaded.tenants[tenant] ?? TenantConfiguration()
    let rules = ConfigurationRules(configuration: configuration)
    let before = try table.find(id, tenant: tenant, epoch: loaded.epoch)

    let filled = rules.filled(normalized(asked, id: id, tenant: tenant))
    try authorize(filled, before, id, tenant, principal, configuration)
    let object = try ApprovalSignature.signed(
      filled, after: before, principal, tenant: tenant, at: work.now, admission)
    try OutsideAudience(tenant: tenant, configuration: configuration, connection: work.connection)
      .require(principal, toSave: object, after: before)
    try ResourceRight(configuration: configuration, principal: principal, work: work)
      .require(toSave: object, after: before, tenant: tenant)
    try ConfigurationVersion.check(asked.hasVersion ? asked.version : nil, against: before)
    try object.validate()
    let subjects = try subjects(named: object, tenant, work)
    let reasons = rules.reasons(against: object, id: id, stored: before, subjects: subjects)
    guard reasons.isEmpty else { throw Refusal(reasons) }
    let effects = ConfigurationEffect(
      tenant: tenant, configuration: configuration, connection: work.connection, now: work.now)
    return JudgedConfiguration(
      id: id, object: object, before: before, effect: try effects.of(object, id: id, after: before),
      rules: rules, epoch: loaded.epoch)
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

  /// Packages take over what a resource is, and what it asks for.
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

/// An object as stored, and what its administrator should know of it.
struct SavedConfiguration: Sendable {
  let object: Vestibule_Model_V1_ConfigurationObject
  var warnings: [Reason] = []
  /// Who loses access or account by it, or is refused from now on.
  var people: Set<UUID> = []
}

/// An object that may be stored, in the light of what stands beside it.
private struct JudgedConfiguration {
  let id: UUID
  let object: Vestibule_Model_V1_ConfigurationObject
  let before: ConfigurationEntry?
  let effect: GuardedEffect
  let rules: ConfigurationRules
  let epoch: Int

  func warnings() throws -> [Reason] {
    guard case .assignmentPolicy = object.object else { return [] }
    let policy = try AssignmentPolicy(object)
    let old = try before.flatMap { $0.object.deleted ? nil : try AssignmentPolicy($0.object) }
    let others = rules.configuration.policies(of: policy.accessPackage).filter { $0.id != id }
    return PolicyRanking.warnings(saving: policy, before: old, others: others).map(Reason.init)
  }
}

extension Reason {
  fileprivate init(_ warning: PolicyRanking.Warning) {
    switch warning.kind {
    case .outranks:
      self.init(
        .policyOutranked, "Whoever matches both policies goes by the saved one.", field: "assignment_policy",
        hint: warning.policy.text)
    case .weakensApproval:
      self.init(
        .approvalWeakens, "People get in with less approval than this policy asked for.",
        field: "assignment_policy.request_approval_settings", hint: warning.policy.text)
    }
  }
}
