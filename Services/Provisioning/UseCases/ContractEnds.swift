import Contracts
import EntitlementModel
import Foundation
import Messaging

/// When the contracts of organizations end: nothing of their people lasts longer (decision 4). Of a contract that is over
/// the organization's own end takes what there is.
struct ContractEnds {
  private let ends: [UUID: Date]

  init(of organizations: Set<UUID>, _ work: Work, _ cache: ConfigurationCache) throws {
    ends = try ConfigurationCopies(connection: work.connection, cache: cache).load(organizations)
      .compactMapValues { try ConnectedOrganization($0).contractEnd }
      .filter { $1 > work.now }
  }

  func capped(_ request: AccessRequest) -> AccessRequest {
    guard let end = request.organization.flatMap({ ends[$0] }) else { return request }
    return request.capped(at: end)
  }

  func cap(_ assignment: inout Assignment) -> [Assignment.Event] {
    assignment.organization.flatMap { ends[$0] }.map { assignment.cap(at: $0) } ?? []
  }
}
