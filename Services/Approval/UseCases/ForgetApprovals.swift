import Messaging
import Postgres

extension ApprovalService {
  /// Approvals of requests that are no longer kept.
  static let forget: ForgetRequests = { requests, tenants, work in
    try work.connection.execute(
      """
      DELETE FROM approval
      WHERE id = ANY(\(requests)) AND (tenant = ANY(\(tenants))) IS TRUE AND state <> 'pending'
      """)
    try DeadlineTable(connection: work.connection).forget(requests, of: tenants)
  }
}
