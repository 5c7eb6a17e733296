import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres

/// What leave to ask for others depends on, besides the policies that give it: the groups that those who ask are in, and
/// whom those report to for whom it is asked.
struct Colleagues {
  /// Somebody who asks for somebody else, and the policies that may let them.
  struct Ask {
    /// All subjects that they are.
    let callers: Set<UUID>
    /// Nil for somebody who is known by address alone.
    let target: UUID?
    let policies: [AssignmentPolicy]
    /// The groups whose members answer for organizations.
    let sponsorGroups: Set<String>
  }

  private var groups: [UUID: Set<String>] = [:]
  private var managers: [UUID: UUID] = [:]

  /// Nobody asks for anybody else.
  static let none = Colleagues()

  private init() {}

  init(_ asks: [Ask], tenants: Set<UUID>, _ connection: Connection) throws {
    let others = asks.filter { ask in !(ask.target.map(ask.callers.contains) ?? false) }
    let named = others.reduce(into: Set<String>()) { named, ask in
      for policy in ask.policies { named.formUnion(policy.onBehalf.groups) }
      if ask.policies.contains(where: \.onBehalf.asksSponsors) { named.formUnion(ask.sponsorGroups) }
    }
    groups = try GroupMemberCopies(connection: connection)
      .memberships(of: others.reduce(into: []) { $0.formUnion($1.callers) }, in: named, tenants: tenants)
    let reports = others.filter { $0.policies.contains(where: \.onBehalf.asksManagers) }.compactMap(\.target)
    let table = SubjectTable(connection: connection)
    managers = try table.managers(of: Set(reports), tenants: tenants)
    managers.merge(try table.managers(of: Set(managers.values), tenants: tenants)) { first, _ in first }
  }

  /// The caller, as one who asks for somebody; nil for whoever is no subject.
  func submitter(_ principal: Principal, for target: UUID?) -> OnBehalf.Submitter? {
    guard let caller = principal.subject else { return nil }
    let manager = target.flatMap { managers[$0] }
    let above = [1: manager, 2: manager.flatMap { managers[$0] }]
    return OnBehalf.Submitter(
      subject: caller, merged: principal.merged, organization: principal.organization,
      groups: principal.subjects.reduce(into: []) { $0.formUnion(groups[$1] ?? []) },
      managerLevels: Set(above.filter { $0.value.map(principal.isSubject) ?? false }.keys))
  }
}

extension Colleagues.Ask {
  /// What somebody asks about access that there is; nil for whoever is no subject.
  init?(_ ask: AssignmentAsk, of request: AccessRequest, _ configuration: LoadedConfiguration) {
    guard ask.principal.subject != nil else { return nil }
    let tenant = configuration.tenants[request.tenant]
    self.init(
      callers: ask.principal.subjects, target: request.target.subject,
      policies: request.assignmentPolicy.flatMap { tenant?.policies[$0] }.map { [$0] } ?? [],
      sponsorGroups: tenant?.sponsorGroups ?? [])
  }
}

extension TenantConfiguration {
  /// The groups of the built-in directory whose members answer for organizations.
  var sponsorGroups: Set<String> { organizations.values.reduce(into: []) { $0.formUnion($1.sponsorGroups) } }
}

extension SubjectTable {
  /// Whom each of these people reports to.
  fileprivate func managers(of people: Set<UUID>, tenants: Set<UUID>) throws -> [UUID: UUID] {
    guard !people.isEmpty else { return [:] }
    return try find(people, tenants: tenants).compactMapValues(\.manager)
  }
}
