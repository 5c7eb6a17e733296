import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols
import SwiftProtobuf

/// Where in a tenant nobody could decide, whether anything waits or not (decision 15).
struct ReadHealth: Sendable {
  let cache: ConfigurationCache

  private static let sampleSize = 20

  func callAsFunction(
    _ tenant: UUID, on connection: Connection, at now: Date
  ) throws -> Vestibule_Api_V1_ApprovalHealth {
    let copies = ConfigurationCopies(connection: connection, cache: cache)
    let objects = try [.assignmentPolicy, .connectedOrganization].flatMap {
      try copies.load($0, of: [tenant])
    }
    let approvers = try Approvers(objects, callers: [], tenants: [tenant], on: connection, at: now)
    let organizations = approvers.organizations.values.sorted { $0.id < $1.id }
    let policies = try objects.filter { $0.kind == .assignmentPolicy }.map { try AssignmentPolicy($0) }
    let dead = policies.sorted { $0.id < $1.id }.flatMap { policy in
      policy.deadStages(among: organizations) { approvers.surroundings(of: $0?.id, tenant: tenant) }
        .map { (policy.id, $0) }
    }
    let openRouting = try RoutingTable(connection: connection).countOpen(of: [tenant])
    let lacking = try lacking(organizations, approvers, tenant, on: connection, at: now)
    return .with {
      $0.deadStages = dead.map { Self.message($1, of: $0) }
      $0.organizations = lacking.map { organization, sponsors in
        .with { ($0.organization, $0.sponsors) = (organization.text, Int32(sponsors)) }
      }
      $0.openRouting = Int64(openRouting)
    }
  }

  /// The configured organizations with fewer sponsors than there should be, and how many those are.
  private func lacking(
    _ organizations: [ConnectedOrganization], _ approvers: Approvers, _ tenant: UUID,
    on connection: Connection,
    at now: Date
  ) throws -> [(UUID, Int)] {
    let wanted = ConnectedOrganization.wantedSponsors
    let configured = organizations.filter { $0.state == .configured }
    let members = try SubjectCopyTable(connection: connection).activeMembers(
      of: configured.reduce(into: []) { $0.formUnion($1.sponsorGroups) }, tenant: tenant, at: now,
      limit: wanted)
    return configured.compactMap { organization in
      let sponsors = organization.activeSponsors(members: members) {
        approvers.mayAct($0) && !approvers.isElsewhere($0, than: organization.id)
      }.count
      return sponsors < wanted ? (organization.id, sponsors) : nil
    }
  }

  private static func message(
    _ dead: DeadStage, of policy: UUID
  ) -> Vestibule_Api_V1_ApprovalHealth.DeadStage {
    let organizations = dead.organizations.compactMap(\.self)
    return .with {
      ($0.assignmentPolicy, $0.stage) = (policy.text, Int32(dead.stage + 1))
      ($0.absences, $0.organizationCount) = (dead.absences.map(\.rawValue), Int64(organizations.count))
      $0.organizations = organizations.prefix(sampleSize).map(\.text)
      $0.isForPeopleOfNoOrganization = dead.organizations.contains(nil)
    }
  }
}
