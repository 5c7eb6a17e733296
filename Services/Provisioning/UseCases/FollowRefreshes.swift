import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Notes which resources' origins are to be looked at; a worker does it, outside of this transaction.
struct FollowRefreshes {
  func callAsFunction(_ events: [Received<Vestibule_Events_V1_ConfigurationEvent>], _ work: Work) throws {
    try ResourceRefreshTable(connection: work.connection).ask(
      events.compactMap { event in
        guard case .resource(let resource) = event.body.object.object else { return nil }
        return ResourceRefresh(
          resource: event.aggregate, tenant: event.tenant, originSystem: resource.originSystem,
          originID: resource.originID, askedAt: work.now)
      })
  }
}
