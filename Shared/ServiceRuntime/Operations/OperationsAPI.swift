import Contracts
package import Foundation
package import GRPCCore
import Identity
package import Messaging
package import Postgres
package import Protocols
import SwiftProtobuf

/// What an operator asks of any service.
package struct OperationsAPI: Vestibule_Api_V1_Operations.SimpleServiceProtocol {
  private let transactor: Transactor
  private let republishers: [Republisher]
  private let tenants: @Sendable (Connection) throws -> Set<UUID>

  /// - Parameter republishers: of what this service owns, in the order in which it is told; none for a service
  ///   that owns nothing that others copy.
  /// - Parameter tenants: all whose rows are told when no tenant is named.
  package init(
    transactor: Transactor, republishers: [Republisher] = [],
    tenants: @escaping @Sendable (Connection) throws -> Set<UUID> = { _ in [] }
  ) {
    (self.transactor, self.republishers, self.tenants) = (transactor, republishers, tenants)
  }

  /// Tells a page. Of a type that another service owns there is nothing to tell.
  package func republish(
    request: Vestibule_Api_V1_RepublishRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_RepublishResponse {
    try Authorization.require(try Principal.required(), .operate, AuthorizationFacts(tenant: nil))
    let tenant = try Field.optionalID(request.tenant, at: "tenant")
    let wanted = republishers.filter { request.type.isEmpty || $0.aggregate == request.type }
    if wanted.isEmpty { return .init() }
    let position = try RepublishPosition(request.position, in: wanted.map(\.aggregate))
    let (count, next) = try await wanted[position.index](
      after: position.after, tenants: try await tenants(of: tenant), tenant: tenant, transactor: transactor)
    return .with {
      $0.published = Int64(count)
      $0.position = position.following(next)?.text ?? ""
    }
  }

  private func tenants(of tenant: UUID?) async throws -> Set<UUID> {
    if let tenant { return [tenant] }
    return try await transactor.read(tenants: [], tenants)
  }
}
