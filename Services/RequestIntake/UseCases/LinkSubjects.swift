import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Says that subjects are one person, or takes it back (decision 1): an administrator's word, never found out by itself.
struct LinkSubjects: Sendable {
  let store: ConfigurationStore

  struct Link: Sendable {
    let subject: UUID
    let linked: [UUID]
  }

  /// What one person holds twice, or beside what it excludes.
  struct Conflict: Sendable, Hashable {
    enum Other: Sendable, Hashable {
      case package(UUID, assignment: UUID)
      /// A group of the built-in directory, by its resource.
      case group(UUID)
    }
    let package: UUID
    let assignment: UUID
    let other: Other
  }

  /// - Returns: for each link its conflicts, or why it was not made.
  func callAsFunction(
    _ links: [Link], isDryRun: Bool, tenant: UUID, principal: Principal, _ work: Work
  ) throws -> [Result<[Conflict], Refusal>] {
    try Self.authorize(principal, tenant)
    let (table, epoch) = (SubjectTable(connection: work.connection), try work.connection.epoch())
    let named = Set(links.flatMap { [$0.subject] + $0.linked })
    var people = try table.lock(named, tenants: [tenant])
    var changed: Set<UUID> = []
    let persons = links.map { link -> Result<UUID, Refusal> in
      Result { () throws(Refusal) in try Self.join(link, &people, &changed) }
    }
    let conflicts = try conflicts(of: people, persons, tenant, table, work)
    if !isDryRun { try Self.save(changed.compactMap { people[$0] }, by: principal, table, epoch, work) }
    return persons.map { $0.map { conflicts[$0] ?? [] } }
  }

  /// - Returns: how many are by themselves now who were not.
  static func unlink(_ ids: Set<UUID>, tenant: UUID, principal: Principal, _ work: Work) throws -> Int {
    try authorize(principal, tenant)
    let (table, epoch) = (SubjectTable(connection: work.connection), try work.connection.epoch())
    let named = try table.find(ids, tenants: [tenant])
    guard named.count == ids.count else { throw Refusal.notFound }
    let merged = try table.merged(into: named.values)
    if let kept = named.values.first(where: { $0.mergedInto != nil || merged[$0.id] != nil }) {
      throw Refusal(
        .inUse, "Somebody was merged: that has to be taken back first.", field: "ids", hint: kept.id.text)
    }
    let members = try table.members(of: Set(named.values.compactMap(\.person)), tenants: [tenant])
    var people = try table.lock(members.map(\.id), tenants: [tenant])
    part(ids, &people)
    let unlinked = members.compactMap { before in people[before.id].flatMap { $0.person == nil ? $0 : nil } }
    try save(unlinked.map(next), by: principal, table, epoch, work)
    return unlinked.count
  }

  /// Takes these out of the persons that they are.
  static func part(_ ids: Set<UUID>, _ people: inout [UUID: Subject]) {
    for id in ids { people[id]?.person = nil }
    // Whoever is left alone is nobody else any more.
    for (_, group) in Dictionary(grouping: people.values.filter { $0.person != nil }, by: \.person)
    where group.count == 1 {
      for subject in group { people[subject.id]?.person = nil }
    }
  }

  static func authorize(_ principal: Principal, _ tenant: UUID) throws(Refusal) {
    if principal.isOperator { return }
    try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
  }

  static func join(
    _ link: Link, _ people: inout [UUID: Subject], _ changed: inout Set<UUID>
  ) throws(Refusal) -> UUID {
    let ids = Set([link.subject] + link.linked)
    guard ids.count > 1 else {
      throw Refusal(.required, "Name somebody else who is the same person.", field: "linked")
    }
    guard ids.allSatisfy({ people[$0] != nil }) else { throw .notFound }
    let person = people[link.subject]?.person ?? link.subject
    let elsewhere = link.linked.first { id in people[id]?.person.map { $0 != person } ?? false }
    if let elsewhere {
      throw Refusal(
        .inUse, "This subject is linked to another person already: unlink it first.", field: "linked",
        hint: elsewhere.text)
    }
    for id in ids where people[id]?.person == nil {
      people[id]?.person = person
      people[id].map { people[id] = next($0) }
      changed.insert(id)
    }
    return person
  }

  static func next(_ subject: Subject) -> Subject {
    var next = subject
    next.version += 1
    return next
  }

  static func save(
    _ subjects: [Subject], by principal: Principal, _ table: SubjectTable, _ epoch: Int, _ work: Work
  ) throws {
    let whole = try table.withIdentities(subjects.sorted { $0.id < $1.id })
    try table.save(whole)
    try ChangedCallerTable(connection: work.connection).take(
      whole.map { ChangedCaller(tenant: $0.tenant, subject: $0.id, at: work.now) })
    let events = SubjectEvents(epoch: epoch, work: work)
    for subject in whole { try events.tell(subject, by: principal.initiator) }
  }

  private func conflicts(
    of people: [UUID: Subject], _ persons: [Result<UUID, Refusal>], _ tenant: UUID, _ table: SubjectTable,
    _ work: Work
  ) throws -> [UUID: [Conflict]] {
    let wanted = Set(persons.compactMap { try? $0.get() })
    guard let configuration = try store.load([tenant], on: work.connection).tenants[tenant], !wanted.isEmpty
    else {
      return [:]
    }
    let members = try table.members(of: wanted, tenants: [tenant]) + people.values
    let personOf = Dictionary(members.map { ($0.id, people[$0.id]?.person ?? $0.person) }) { first, _ in first
    }
    let held = try RequestTable(connection: work.connection).live(of: Set(members.map(\.id)), tenant: tenant)
    let groups = try GroupMemberCopies(connection: work.connection).memberships(
      of: Set(members.map(\.id)), in: configuration.groupsExcluded(by: Set(held.map(\.package))),
      tenants: [tenant])
    let peopleOf = Dictionary(grouping: personOf.keys) { personOf[$0] ?? nil }
    return Dictionary(grouping: held) { personOf[$0.subject] ?? nil }.reduce(into: [:]) { all, group in
      guard let person = group.key else { return }
      let own = (peopleOf[person] ?? []).reduce(into: [UUID: Set<String>]()) { $0[$1] = groups[$1] ?? [] }
      all[person] =
        configuration.conflicts(among: group.value) + configuration.conflicts(of: group.value, with: own)
    }
  }
}

extension TenantConfiguration {
  fileprivate func conflicts(among held: [HeldPackage]) -> [LinkSubjects.Conflict] {
    held.indices.flatMap { index in
      held[(index + 1)...].compactMap { other -> LinkSubjects.Conflict? in
        let one = held[index]
        let excludes = one.package == other.package || incompatible(with: one.package)[other.package] != nil
        guard one.subject != other.subject, excludes else { return nil }
        return LinkSubjects.Conflict(
          package: one.package, assignment: one.id, other: .package(other.package, assignment: other.id))
      }
    }
  }

  fileprivate func groupsExcluded(by held: Set<UUID>) -> Set<String> {
    held.reduce(into: []) { $0.formUnion((packages[$1]?.incompatibleGroups ?? [:]).keys) }
  }

  /// Of what one identity holds, the groups that another one is in and that it excludes.
  fileprivate func conflicts(
    of held: [HeldPackage], with groups: [UUID: Set<String>]
  ) -> [LinkSubjects.Conflict] {
    held.flatMap { one -> [LinkSubjects.Conflict] in
      let others = groups.filter { $0.key != one.subject }.values
        .reduce(into: Set<String>()) { $0.formUnion($1) }.subtracting(groups[one.subject] ?? [])
      let named = objects[one.package]?.object.accessPackage.incompatibleGroups ?? []
      return named.filter { others.contains($0.originID) }.compactMap { UUID(text: $0.group) }.map {
        LinkSubjects.Conflict(package: one.package, assignment: one.id, other: .group($0))
      }
    }
  }
}
