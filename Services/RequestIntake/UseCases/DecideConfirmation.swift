import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// A second administrator confirms what waits, or an administrator rejects it (decisions 17, 26).
struct DecideConfirmation: Sendable {
  let store: ConfigurationStore

  /// - Parameter seen: how many people the dry run said.
  /// - Returns: the confirmation as it is now, void where what it is about has changed meanwhile.
  func confirm(
    _ id: UUID, seen: Int, tenant: UUID, principal: Principal, _ work: Work
  ) throws -> StoredConfirmation {
    var stored = try lock(id, tenant: tenant, principal, work)
    let change = ConfirmedChange(store: store, stored: stored, principal: principal, work: work)
    let version = try change.objectVersion()
    let isStillMeant = stored.confirmation.state == .pending && version == stored.confirmation.objectVersion
    try stored.confirmation.confirm(
      by: Administrator(principal), askers: try askers(of: stored.confirmation, work), objectVersion: version,
      people: (seen, isStillMeant ? try change.peopleNow().count : 0), at: work.now)
    try save(stored, principal, work)
    if stored.confirmation.state == .confirmed { try change.perform() }
    return stored
  }

  func reject(
    _ id: UUID, tenant: UUID, principal: Principal, _ work: Work
  ) throws -> StoredConfirmation {
    var stored = try lock(id, tenant: tenant, principal, work)
    try stored.confirmation.reject(by: Administrator(principal), at: work.now)
    try save(stored, principal, work)
    return stored
  }

  /// What it would come to as things are now: the dry run.
  func look(
    _ id: UUID, tenant: UUID, principal: Principal, _ work: Work
  ) throws -> (stored: StoredConfirmation, people: Set<UUID>) {
    let stored = try lock(id, tenant: tenant, principal, work)
    let change = ConfirmedChange(store: store, stored: stored, principal: principal, work: work)
    guard stored.confirmation.state == .pending,
      try change.objectVersion() == stored.confirmation.objectVersion
    else { return (stored, []) }
    return (stored, try change.peopleNow())
  }

  private func lock(
    _ id: UUID, tenant: UUID, _ principal: Principal, _ work: Work
  ) throws -> StoredConfirmation {
    if !principal.isOperator {
      try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
    }
    // Whoever fires takes the same order.
    try DeadlineTable(connection: work.connection).lock([id])
    guard let stored = try ConfirmationTable(connection: work.connection).lock([id], tenants: [tenant])[id]
    else {
      throw Refusal.notFound
    }
    return stored
  }

  /// Everybody who is the person that asked, by what is known now: the subjects of that sign-in, and those linked to them.
  private func askers(of confirmation: PendingConfirmation, _ work: Work) throws -> Set<UUID> {
    let (table, tenants) = (SubjectTable(connection: work.connection), Set([confirmation.tenant]))
    let asker = TenantIdentity(tenant: confirmation.tenant, identity: confirmation.askedBy.identity)
    let signedIn = try table.find([asker]).values
    let named = try table.find([confirmation.askedBy.subject].compactMap(\.self), tenants: tenants).values
    let known = Array(signedIn) + Array(named)
    let linked = try table.members(of: Set(known.compactMap(\.person)), tenants: tenants)
    return Set((known + linked).map(\.id))
  }

  private func save(_ stored: StoredConfirmation, _ principal: Principal, _ work: Work) throws {
    try ConfirmationTable(connection: work.connection).update([stored])
    try ConfirmationClock.follow(stored, by: principal.initiator, work)
  }
}
