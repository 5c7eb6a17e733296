import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols

/// The rows `issuer`: whom tokens are believed of, and for which tenant.
struct IssuerTable {
  let connection: Connection

  /// - Returns: false when another object already has this issuer and audience.
  func save(_ object: Vestibule_Model_V1_ConfigurationObject, id: UUID, tenant: UUID) throws -> Bool {
    try connection.execute("DELETE FROM issuer WHERE id = \(id)")
    try countChange()
    return try connection.execute(
      """
      INSERT INTO issuer (id, tenant, issuer, audience, object)
      VALUES (\(id), \(tenant), \(object.issuer.issuer), \(object.issuer.audience), \(JSONB(try object.jsonText())))
      ON CONFLICT (issuer, audience) DO NOTHING
      """) == 1
  }

  func remove(_ id: UUID) throws {
    try connection.execute("DELETE FROM issuer WHERE id = \(id)")
    try countChange()
  }

  func revision() throws -> Int64 {
    try connection.value("SELECT value FROM issuer_revision")
  }

  func all() throws -> [Vestibule_Model_V1_ConfigurationObject] {
    try connection.values("SELECT object FROM issuer ORDER BY id", as: JSONB.self)
      .map { try Vestibule_Model_V1_ConfigurationObject(jsonText: $0.text) }
  }

  private func countChange() throws {
    try connection.execute("UPDATE issuer_revision SET value = value + 1")
  }
}
