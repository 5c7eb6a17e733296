import Contracts
package import EntitlementModel
import Foundation
package import Identity
package import Protocols
import SwiftProtobuf

extension Principal {
  /// - Throws: `malformed` for what no service of this version answers.
  package init(_ message: Vestibule_Api_V1_Principal) throws(Refusal) {
    self.init(
      tenant: try Self.id(message.tenant, "tenant"), subject: try Self.id(message.subject, "subject"),
      organization: try Self.id(message.organization, "organization"), issuer: message.issuer,
      externalSubject: message.externalSubject, email: message.email.isEmpty ? nil : message.email,
      isMember: message.isMember, isOperator: message.isOperator, roles: try Self.roles(message.roles),
      merged: try Self.ids(message.merged, "merged"),
      issuedAt: message.issuedAt == 0 ? nil : Date(timeIntervalSince1970: Double(message.issuedAt)),
      expiresAt: Date(timeIntervalSince1970: Double(message.expiresAt)))
  }

  /// A role that only a newer request-intake knows grants nothing here.
  private static func roles(_ messages: [Vestibule_Api_V1_GrantedRole]) throws(Refusal) -> [GrantedRole] {
    var roles: [GrantedRole] = []
    for message in messages {
      guard let role = Role(rawValue: message.role) else { continue }
      roles.append(GrantedRole(role: role, catalog: try id(message.catalog, "roles.catalog")))
    }
    return roles
  }

  private static func ids(_ texts: [String], _ field: String) throws(Refusal) -> Set<UUID> {
    var ids: Set<UUID> = []
    for text in texts { try id(text, field).map { _ = ids.insert($0) } }
    return ids
  }

  private static func id(_ text: String, _ field: String) throws(Refusal) -> UUID? {
    if text.isEmpty { return nil }
    guard let id = UUID(text: text) else { throw Refusal(.malformed, "This is not an id.", field: field) }
    return id
  }
}

extension Vestibule_Api_V1_Principal {
  package init(_ principal: Principal) {
    self.init()
    tenant = principal.tenant?.text ?? ""
    subject = principal.subject?.text ?? ""
    organization = principal.organization?.text ?? ""
    (issuer, externalSubject, email) = (principal.issuer, principal.externalSubject, principal.email ?? "")
    (isOperator, isMember) = (principal.isOperator, principal.isMember)
    roles = principal.roles.map { role in
      .with {
        $0.role = role.role.rawValue
        $0.catalog = role.catalog?.text ?? ""
      }
    }
    merged = principal.merged.map(\.text).sorted()
    issuedAt = Int64(principal.issuedAt?.timeIntervalSince1970 ?? 0)
    expiresAt = Int64(principal.expiresAt.timeIntervalSince1970)
  }
}
