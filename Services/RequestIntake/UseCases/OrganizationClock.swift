import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// What falls due of organizations: the notice of a contract's end, that end, and the collection of what was proposed
/// and never approved.
struct OrganizationClock: Sendable {
  static let kind = "organization"
  let store: ConfigurationStore

  /// The deadline of an organization in the state that this object says.
  static func deadline(
    of object: Vestibule_Model_V1_ConfigurationObject, id: UUID, tenant: UUID, at now: Date
  ) throws -> Deadline {
    let next =
      object.deleted ? nil : OrganizationDeadlines.next(of: try ConnectedOrganization(object), after: now)
    return Deadline(
      aggregate: id, kind: kind, tenant: tenant, version: Version(object.version), dueAt: next?.at)
  }

  /// - Returns: the deadlines as they are to be afterwards.
  func callAsFunction(_ deadlines: [Deadline], _ work: Work) throws -> [Deadline] {
    let tenants = Set(deadlines.map(\.tenant))
    let table = ConfigurationTable(connection: work.connection)
    for tenant in tenants.sorted() { _ = try table.lock(tenant) }
    let loaded = try store.load(tenants, on: work.connection)
    return try deadlines.map { deadline in
      var fired = deadline
      fired.dueAt = try fire(deadline, loaded, work)
      return fired
    }
  }

  /// - Returns: when the next step comes.
  private func fire(_ deadline: Deadline, _ loaded: LoadedConfiguration, _ work: Work) throws -> Date? {
    guard let dueAt = deadline.dueAt, let configuration = loaded.tenants[deadline.tenant],
      let organization = configuration.organizations[deadline.aggregate],
      let stored = configuration.objects[deadline.aggregate]
    else { return nil }
    switch OrganizationDeadlines.step(of: organization, at: dueAt) {
    case nil:
      return nil
    case .contractNotice:
      let members = try GroupMemberCopies(connection: work.connection)
        .members(of: organization.sponsorGroups, tenant: deadline.tenant)
      try work.tell(
        .organizationEnding, deadline.aggregate, tenant: deadline.tenant,
        number: Int(stored.object.version.number), by: .system,
        Vestibule_Events_V1_ConfigurationEvent.with {
          ($0.object, $0.membersOfSponsorGroups) = (stored.object, members.sorted().map(\.text))
        })
      return OrganizationDeadlines.next(of: organization, after: .contractNotice)?.at
    case .contractEnd:
      var object = stored.object
      object.connectedOrganization.state = .ended
      _ = try ConfigurationChange(
        tenant: deadline.tenant, epoch: loaded.epoch, initiator: .system, work: work
      ).save(object, id: deadline.aggregate, after: stored)
      return nil
    case .proposalLapse:
      return try collect(stored, organization, configuration, deadline.tenant, epoch: loaded.epoch, work)
    }
  }

  /// One whose people wait for a decision stays until that is made.
  private func collect(
    _ stored: ConfigurationEntry, _ organization: ConnectedOrganization, _ configuration: TenantConfiguration,
    _ tenant: UUID, epoch: Int, _ work: Work
  ) throws -> Date? {
    let history = try RequestTable(connection: work.connection).history(of: organization.id, tenant: tenant)
    let isNeeded = !ConfigurationRules(configuration: configuration).users(of: organization.id).isEmpty
    if history.wasGranted || isNeeded {
      return OrganizationDeadlines.next(of: organization, after: .proposalLapse)?.at
    }
    if history.waits { return work.now + .days(1) }
    var object = stored.object
    object.deleted = true
    _ = try ConfigurationChange(tenant: tenant, epoch: epoch, initiator: .system, work: work)
      .save(object, id: organization.id, after: stored)
    return nil
  }
}
