import Messaging
import Postgres

extension ProvisioningService {
  /// Assignments that are over, of requests that are no longer kept.
  static let forget: ForgetRequests = { requests, tenants, work in
    try work.connection.execute(
      """
      DELETE FROM assignment
      WHERE id = ANY(\(requests)) AND (tenant = ANY(\(tenants))) IS TRUE AND state IN ('expired', 'deliveryFailed')
      """)
    try work.connection.execute(
      """
      DELETE FROM open_request
      WHERE request = ANY(\(requests)) AND (tenant = ANY(\(tenants))) IS TRUE AND NOT is_open
      """)
  }
}
