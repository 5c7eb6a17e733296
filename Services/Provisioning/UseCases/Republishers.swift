import EntitlementModel
import Foundation
import Messaging
import Postgres

/// Tells the present state of assignments, guests and named groups again.
enum Republishers {
  static var all: [Republisher] { [assignments, guests, groups] }

  private static var assignments: Republisher {
    Republisher("assignment") { after, tenant, limit, work in
      let page = try AssignmentTable(connection: work.connection)
        .page(after: after, of: try tenants(tenant, work), target: nil, limit: limit)
      let epoch = try work.connection.epoch()
      for assignment in page {
        guard let fact = assignment.presentFact else { continue }
        try work.tellAgain(
          EventType(fact), assignment.id, tenant: assignment.tenant, number: assignment.version,
          assignment.event(epoch: epoch))
      }
      return page.map(\.id)
    }
  }

  private static var guests: Republisher {
    Republisher("guest") { after, tenant, limit, work in
      let page = try GuestTable(connection: work.connection)
        .page(after: after, of: try tenants(tenant, work), limit: limit)
      let epoch = try work.connection.epoch()
      for guest in page {
        try work.tellAgain(
          EventType(guest.presentFact), guest.id, tenant: guest.tenant, number: guest.version,
          guest.event(epoch: epoch))
      }
      return page.map(\.id)
    }
  }

  private static var groups: Republisher {
    Republisher("group") { after, tenant, limit, work in
      let table = NamedGroupTable(connection: work.connection)
      let page = try table.page(after: after, of: try tenants(tenant, work), limit: limit)
      for group in page { try TellGroupChanges().tellAgain(group, try table.members(of: group), work) }
      return page.map(\.groupKey)
    }
  }

  private static func tenants(_ tenant: UUID?, _ work: Work) throws -> [UUID] {
    if let tenant { return [tenant] }
    return try TenantTable(connection: work.connection).all().sorted()
  }
}
