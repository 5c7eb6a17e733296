package import Foundation
import EntitlementModel

/// Tells the present state of an owner's live aggregates again, in pages, so that a new reader, or one that lost its
/// copies, is filled: the same events, at their present versions, under new ids.
package struct Republisher: Sendable {
  /// An aggregate's name (`request`, `guest` …).
  package let aggregate: String
  private let tellPage: @Sendable (_ after: UUID?, _ tenant: UUID?, _ limit: Int, Work) throws -> [UUID]

  package static let pageSize = 500

  /// - Parameter tellPage: tells the aggregates after an id, in the order of ids, and returns their ids.
  package init(
    _ aggregate: String, tellPage: @escaping @Sendable (UUID?, UUID?, Int, Work) throws -> [UUID]
  ) {
    (self.aggregate, self.tellPage) = (aggregate, tellPage)
  }

  /// Tells one page.
  /// - Returns: how many were told, and where to go on; nil when that was the last page.
  package func callAsFunction(
    after: UUID?, tenants: Set<UUID>, tenant: UUID?, transactor: Transactor
  ) async throws -> (count: Int, next: UUID?) {
    let told = try await transactor.commit(tenants: tenants) { work in
      try page(after: after, tenant: tenant, work)
    }
    return (told.count, told.count < Self.pageSize ? nil : told.last)
  }

  /// Tells one page in a transaction that is open.
  func page(after: UUID?, tenant: UUID?, _ work: Work) throws -> [UUID] {
    try tellPage(after, tenant, Self.pageSize, work)
  }
}
