import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres

/// The guests of a batch with all that hangs on them, locked by the guests' rows. Use cases change them here; they
/// are written once, at the end, and then told of.
final class Holdings {
  let work: Work
  let tenants: [UUID]
  private(set) var guests = Tracked<Guest>()
  private(set) var assignments = Tracked<Assignment>()
  private(set) var roles = Tracked<HeldRole>()
  private(set) var attributes = Tracked<AccountAttribute>()
  /// Whom a worker must visit although nothing of theirs is pending.
  private(set) var toVisit: Set<UUID> = []
  private var rolesOfGuest: [UUID: [Entitlement.ID]] = [:]
  private var attributesOfGuest: [UUID: [AccountAttribute.ID]] = [:]
  private(set) var facts: [Fact] = []
  /// Who made it happen, where that is somebody's command.
  var initiator = Initiator.system

  private init(_ work: Work, tenants: some Sequence<UUID>) {
    self.work = work
    self.tenants = Set(tenants).sorted()
  }

  /// Locks guests, and reads these assignments of theirs.
  static func lock(
    guests: Set<UUID>, assignments: Set<UUID> = [], of tenants: some Sequence<UUID>, _ work: Work
  ) throws -> Holdings {
    let holdings = Holdings(work, tenants: tenants)
    try holdings.take(try GuestTable(connection: work.connection).lock(guests, of: holdings.tenants))
    if !assignments.isEmpty { try holdings.read(assignments) }
    return holdings
  }

  /// Locks the holders of assignments, and reads these.
  static func lock(
    holdersOf assignments: Set<UUID>, of tenants: some Sequence<UUID>, _ work: Work
  ) throws -> Holdings {
    let holdings = Holdings(work, tenants: tenants)
    let guests = GuestTable(connection: work.connection)
    try holdings.take(try guests.lock(holdersOf: assignments, of: holdings.tenants))
    try holdings.read(assignments)
    return holdings
  }

  /// Locks a page of a tenant's idle guests.
  static func lockIdle(after guest: UUID?, tenant: UUID, limit: Int, _ work: Work) throws -> Holdings {
    let holdings = Holdings(work, tenants: [tenant])
    let guests = GuestTable(connection: work.connection)
    try holdings.take(try guests.lockIdle(after: guest, tenant: tenant, limit: limit))
    return holdings
  }

  /// Reads what of these guests waits for a connector.
  func readUnsettled() throws {
    let ids = Set(guests.current.keys)
    guard !ids.isEmpty else { return }
    let table = AssignmentTable(connection: work.connection)
    assignments.load(try table.readUnsettled(of: ids, of: tenants))
    // What is delivered has still to hear of its attributes.
    let writing = Set(attributes.current.values.filter(\.isPending).compactMap(\.newest))
      .filter { assignments[$0] == nil }
    if !writing.isEmpty { assignments.load(try table.read(writing, of: tenants)) }
  }

  private func take(_ locked: [Guest]) throws {
    guests.load(locked)
    let held = try EntitlementTable(connection: work.connection).read(of: Set(locked.map(\.id)), of: tenants)
    roles.load(held)
    for role in held { rolesOfGuest[role.id.guest, default: []].append(role.id) }
    let borne = try AccountAttributeTable(connection: work.connection)
      .read(of: Set(locked.map(\.id)), of: tenants)
    attributes.load(borne)
    for attribute in borne { attributesOfGuest[attribute.id.guest, default: []].append(attribute.id) }
  }

  /// An assignment may have been made after its guest was looked for in vain: its holder is not locked then, and
  /// nothing may be decided about it.
  private func read(_ ids: Set<UUID>) throws {
    let found = try AssignmentTable(connection: work.connection).read(ids, of: tenants)
    let held = found.filter { $0.state.isLive || $0.state == .removing }
    try Raced.check(held.count { guests[$0.target.subject] != nil }, of: held.count, "guest")
    assignments.load(found)
  }
}

extension Holdings {
  func change(guest id: UUID, _ body: (inout Guest) -> [Guest.Event]) {
    guard var guest = guests[id] else { return }
    let events = body(&guest)
    guests[id] = guest
    for event in events { facts.append(Fact(event, of: id)) }
  }

  func add(_ guest: Guest, telling events: [Guest.Event]) {
    guests[guest.id] = guest
    for event in events { facts.append(Fact(event, of: guest.id)) }
  }

  func change(assignment id: UUID, _ body: (inout Assignment) -> [Assignment.Event]) {
    guard var assignment = assignments[id] else { return }
    let events = body(&assignment)
    assignments[id] = assignment
    for event in events { tell(event, of: id) }
  }

  func add(_ assignment: Assignment) {
    assignments[assignment.id] = assignment
  }

  func tell(_ event: Assignment.Event, of assignment: UUID) {
    facts.append(Fact(event, of: assignment))
  }

  func change(role id: Entitlement.ID, _ body: (inout HeldRole) -> Void) {
    guard var role = roles[id] else { return }
    body(&role)
    roles[id] = role
  }

  func roles(of guest: UUID) -> [HeldRole] {
    (rolesOfGuest[guest] ?? []).compactMap { roles[$0] }
  }

  /// An assignment wants a role.
  func claim(_ role: ResourceRole, by assignment: Assignment) {
    let id = Entitlement.ID(guest: assignment.target.subject, resource: role.resource, role: role.role)
    var held = roles[id]
    if held == nil {
      held = HeldRole(
        entitlement: Entitlement(
          id: id, tenant: assignment.tenant, originSystem: role.originSystem, originID: role.originID))
      rolesOfGuest[id.guest, default: []].append(id)
    }
    held?.entitlement.claim(by: assignment.id, at: work.now)
    if let waiting = held?.releasing, !waiting.isEmpty {
      // It is not revoked after all: those that waited for that are over.
      held?.releasing = []
      toVisit.insert(id.guest)
    }
    roles[id] = held
  }

  func change(attribute id: AccountAttribute.ID, _ body: (inout AccountAttribute) -> Void) {
    guard var attribute = attributes[id] else { return }
    body(&attribute)
    attributes[id] = attribute
  }

  func attributes(of guest: UUID) -> [AccountAttribute] {
    (attributesOfGuest[guest] ?? []).compactMap { attributes[$0] }
  }

  func add(_ attribute: AccountAttribute) {
    attributes[attribute.id] = attribute
    attributesOfGuest[attribute.id.guest, default: []].append(attribute.id)
  }

  /// An assignment wants nothing any more.
  func releaseAll(of assignment: Assignment) {
    for attribute in attributes(of: assignment.target.subject) {
      change(attribute: attribute.id) { $0.release(by: assignment.id, at: work.now) }
    }
    for role in roles(of: assignment.target.subject) where role.entitlement.claims.contains(assignment.id) {
      release(role, by: assignment)
    }
  }

  func release(_ role: HeldRole, by assignment: Assignment) {
    let keepsFound = guests[assignment.target.subject].map { !$0.isGoverned } ?? true
    change(role: role.id) { held in
      held.entitlement.release(by: assignment.id, keepsFound: keepsFound, at: work.now)
      if !held.entitlement.isWanted, held.entitlement.isPending { held.releasing.insert(assignment.id) }
    }
  }

  func progress(of assignment: Assignment) -> Assignment.Progress {
    var (wanted, granted, held) = (0, 0, 0)
    for role in roles(of: assignment.target.subject) {
      if role.entitlement.claims.contains(assignment.id) {
        wanted += 1
        if role.entitlement.state == .granted { granted += 1 }
      } else if role.releasing.contains(assignment.id), role.entitlement.isPending {
        held += 1
      }
    }
    // What another assignment's newer answer stands for is that one's business.
    let own = attributes(of: assignment.target.subject).filter { $0.newest == assignment.id && $0.isPending }
    return Assignment.Progress(
      wanted: wanted, granted: granted, held: held, hasUnwrittenAttributes: !own.isEmpty,
      attributeFailure: own.compactMap(\.failure).min { $0.rawValue < $1.rawValue })
  }
}

extension Holdings {
  /// Writes what has changed and tells of it.
  func save() throws {
    let guestTable = GuestTable(connection: work.connection)
    let inserted = guests.inserted
    try guestTable.insert(inserted)
    if !inserted.isEmpty {
      try TenantTable(connection: work.connection).know(Set(inserted.map(\.tenant)).sorted())
    }
    try guestTable.update(guests.updated)
    try guestTable.save(changedAccounts)
    let assignmentTable = AssignmentTable(connection: work.connection)
    try assignmentTable.insert(assignments.inserted)
    try assignmentTable.update(assignments.updated)
    try saveRoles()
    try saveAttributes()
    try tellFacts()
    recordChanges()
  }

  var changedAccounts: [(guest: Guest, account: Account)] {
    guests.current.values.sorted { $0.id < $1.id }.flatMap { guest in
      let before = guests.before(guest.id)?.accounts ?? []
      return guest.accounts.filter { !before.contains($0) }.map { (guest, $0) }
    }
  }

  private func saveRoles() throws {
    let table = EntitlementTable(connection: work.connection)
    let changed = roles.inserted.filter { !$0.isOver } + roles.updated.filter { !$0.isOver }
    try table.save(changed)
    try table.delete(roles.updated.filter(\.isOver))
  }

  private func saveAttributes() throws {
    let table = AccountAttributeTable(connection: work.connection)
    try table.save(attributes.inserted.filter { !$0.isOver } + attributes.updated.filter { !$0.isOver })
    try table.delete(attributes.updated.filter(\.isOver))
  }

  private func tellFacts() throws {
    guard !facts.isEmpty else { return }
    let epoch = try work.connection.epoch()
    var told: Set<Fact> = []
    for fact in facts where told.insert(fact).inserted {
      switch fact.subject {
      case .guest(let id): if let guest = guests[id] { try tell(fact.type, guest, epoch) }
      case .assignment(let id):
        if let assignment = assignments[id] { try tell(fact.type, assignment, epoch) }
      }
    }
  }

  private func tell(_ type: EventType, _ guest: Guest, _ epoch: Int) throws {
    // Who somebody is, is said once.
    let isNew = guests.before(guest.id)?.target != guest.target
    let words = isNew ? ["email": guest.target.email, "displayName": guest.target.displayName] : [:]
    try work.tell(
      type, guest.id, tenant: guest.tenant, number: guest.version, by: initiator,
      details: AuditDetails(guest.codes, about: guest.id, words: words), guest.event(epoch: epoch))
  }

  private func tell(_ type: EventType, _ assignment: Assignment, _ epoch: Int) throws {
    if assignments.before(assignment.id) == assignment {
      return try work.tellAgain(
        type, assignment.id, tenant: assignment.tenant, number: assignment.version,
        assignment.event(epoch: epoch))
    }
    try work.tell(
      type, assignment.id, tenant: assignment.tenant, number: assignment.version, by: initiator,
      details: AuditDetails(assignment.codes), assignment.event(epoch: epoch))
  }
}
