import Messaging
import Postgres

extension ExpiryService {
  /// Deadlines and notices of assignments that are no longer kept.
  static let forget: ForgetRequests = { requests, tenants, work in
    try work.connection.execute(
      "DELETE FROM notice WHERE about = ANY(\(requests)) AND (tenant = ANY(\(tenants))) IS TRUE")
    try DeadlineTable(connection: work.connection).forget(requests, of: tenants)
  }
}
