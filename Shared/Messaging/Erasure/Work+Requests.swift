import Contracts
package import EntitlementModel
import Foundation
package import Protocols

extension Work {
  /// The requests that events bear, in their order; of people who were erased meanwhile, ids alone.
  package func requests(_ events: [Received<Vestibule_Events_V1_RequestEvent>]) throws -> [AccessRequest] {
    let requests = try events.map { try AccessRequest($0.body.request) }
    let erased = try ErasedSubjects(connection: connection)
      .among(Set(requests.map(\.target.subject)), tenants: Set(events.map(\.tenant)))
    if erased.isEmpty { return requests }
    return requests.map { erased.contains($0.target.subject) ? $0.erased : $0 }
  }
}
