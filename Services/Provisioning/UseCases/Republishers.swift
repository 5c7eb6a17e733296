import EntitlementModel
import Foundation
import Messaging
import Postgres

/// Tells the present state of assignments and guests again.
enum Republishers {
  static var all: [Republisher] { [assignments, guests] }

  private static var assignments: Republisher {
    Republisher("assignment") { after, tenant, limit, work in
      let page = try AssignmentTable(connection: work.connection)
        .page(after: after, of: try tenants(tenant, work), target: nil, limit: limit)
      let epoch = try work.connection.epoch()
      for assignment in page {
        if let fact = assignment.presentFact { try work.tell(EventType(fact), assignment, epoch: epoch) }
      }
      return page.map(\.id)
    }
  }

  private static var guests: Republisher {
    Republisher("guest") { after, tenant, limit, work in
      let page = try GuestTable(connection: work.connection)
        .page(after: after, of: try tenants(tenant, work), limit: limit)
      let epoch = try work.connection.epoch()
      for guest in page { try work.tell(EventType(guest.presentFact), guest, epoch: epoch) }
      return page.map(\.id)
    }
  }

  private static func tenants(_ tenant: UUID?, _ work: Work) throws -> [UUID] {
    if let tenant { return [tenant] }
    return try TenantTable(connection: work.connection).all().sorted()
  }
}
