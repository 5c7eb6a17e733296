import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import ServiceRuntime

/// Shows people to themselves and to those who administer them.
struct ReadSubjects: Sendable {
  func get(
    _ id: UUID, tenant: UUID, principal: Principal, on connection: Connection
  ) throws -> Vestibule_Model_V1_Subject {
    let isOneself = principal.tenant == tenant && principal.isSubject(id)
    if !isOneself { try ConfigurationPermission.requireReading(principal, tenant: tenant) }
    let table = SubjectTable(connection: connection)
    guard let found = try table.find([id], tenants: [tenant])[id],
      let subject = try table.withIdentities([found]).first
    else { throw Refusal.notFound }
    return Vestibule_Model_V1_Subject(subject, epoch: try connection.epoch())
  }

  /// - Parameter email: of everybody if empty.
  func list(
    tenant: UUID, email: String = "", page: PageRequest<UUID>, principal: Principal, on connection: Connection
  ) throws -> [Vestibule_Model_V1_Subject] {
    try ConfigurationPermission.requireReading(principal, tenant: tenant)
    let epoch = try connection.epoch()
    return try SubjectTable(connection: connection).page(
      tenant: tenant, email: email, after: page.after, limit: page.limit
    )
    .map { Vestibule_Model_V1_Subject($0, epoch: epoch) }
  }
}
