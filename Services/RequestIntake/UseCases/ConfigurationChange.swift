import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// One transaction's changes of a tenant's configuration: writes objects with everything that hangs on them,
/// and tells of each.
struct ConfigurationChange {
  let tenant: UUID
  let epoch: Int
  let initiator: Initiator
  let work: Work

  /// Stores an object as the next version of `before` and tells of it.
  func save(
    _ object: Vestibule_Model_V1_ConfigurationObject, id: UUID, after before: ConfigurationEntry?
  ) throws -> Vestibule_Model_V1_ConfigurationObject {
    var next = object
    next.version = Vestibule_Model_V1_Version(
      epoch: epoch, number: Int(before?.object.version.number ?? 0) + 1)
    try ConfigurationTable(connection: work.connection).save(next, id: id, tenant: tenant)
    try follow(next, id: id, after: before)
    let (number, details) = (Int(next.version.number), try details(of: next, before))
    guard let type = next.eventType.flatMap(EventType.init(rawValue:)) else {
      work.record(
        .configurationChanged, of: id, tenant: tenant, number: number, by: initiator, details: details)
      return next
    }
    var body = Vestibule_Events_V1_ConfigurationEvent()
    body.object = next
    try work.tell(type, id, tenant: tenant, number: number, by: initiator, details: details, body)
    return next
  }

  /// What an object said is not repeated, but can be recognized.
  private func details(
    of object: Vestibule_Model_V1_ConfigurationObject, _ before: ConfigurationEntry?
  ) throws -> AuditDetails {
    func digest(_ object: Vestibule_Model_V1_ConfigurationObject) throws -> String {
      AuditHash.digest(Array(try object.jsonText().utf8))
    }
    return AuditDetails([
      "kind": object.kind.text, "name": object.name, "change": object.deleted ? "deleted" : "put",
      "digest": try digest(object), "digestBefore": try before.map { try digest($0.object) } ?? "",
    ])
  }

  /// Keeps the look-ups by which people are recognized.
  private func follow(
    _ object: Vestibule_Model_V1_ConfigurationObject, id: UUID, after before: ConfigurationEntry?
  ) throws {
    switch object.object {
    case .connectedOrganization:
      try followSources(object, id: id)
      try followEnd(object, id: id, after: before)
    case .issuer: try followIssuer(object, id: id)
    case .terms: try TermsTable(connection: work.connection).keep(TermsOfUse(object), tenant: tenant)
    case .tenantSettings, .roleAssignment, .catalog, .resource, .accessPackage, .assignmentPolicy,
      .domainList,
      .lifecycleSettings, nil:
      break
    }
  }

  private func followSources(_ object: Vestibule_Model_V1_ConfigurationObject, id: UUID) throws {
    let sources = object.deleted ? [] : try ConnectedOrganization(object).identitySources
    let taken = try IdentitySourceTable(connection: work.connection).replace(sources, of: id, tenant: tenant)
    guard taken.isEmpty else {
      throw Refusal(
        taken.sorted().map {
          Reason(
            .sourceTaken, "This identity source belongs to another organization.",
            field: "connected_organization.identity_sources", hint: $0)
        })
    }
  }

  /// An end goes on to its people in the background, until the organization is reopened.
  private func followEnd(
    _ object: Vestibule_Model_V1_ConfigurationObject, id: UUID, after before: ConfigurationEntry?
  ) throws {
    let ends = OrganizationEndTable(connection: work.connection)
    if object.deleted || object.connectedOrganization.state != .ended {
      if before != nil { try ends.forget(id) }
    } else if before?.object.connectedOrganization.state != .ended {
      try ends.begin(id, tenant: tenant, at: work.now)
    }
    try DeadlineTable(connection: work.connection)
      .arm([try OrganizationClock.deadline(of: object, id: id, tenant: tenant, at: work.now)])
  }

  private func followIssuer(_ object: Vestibule_Model_V1_ConfigurationObject, id: UUID) throws {
    let table = IssuerTable(connection: work.connection)
    if object.deleted { return try table.remove(id) }
    guard try table.save(object, id: id, tenant: tenant) else {
      throw Refusal(
        .sourceTaken, "This issuer and audience already lead to a tenant.", field: "issuer.issuer")
    }
  }
}
