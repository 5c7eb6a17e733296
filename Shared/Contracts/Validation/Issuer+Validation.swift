import EntitlementModel
import Foundation
import Protocols

extension Vestibule_Model_V1_Issuer {
  func check(_ findings: inout Findings) {
    if !Self.isTrustworthy(issuer) {
      findings.add(issuer.isEmpty ? .required : .malformed, "issuer", Self.trustworthy)
    }
    findings.text(audience, "audience", limit: 1_024, isRequired: true)
    findings.optionalID(organization, "organization")
    if subjectClaim != "sub" && subjectClaim != "oid" {
      findings.add(.outOfRange, "subject_claim", "sub, oid")
    }
    checkKeys(&findings)
    for (index, domain) in emailDomains.enumerated() { findings.domain(domain, "email_domains[\(index)]") }
    checkMappedRoles(&findings)
  }

  private func checkKeys(_ findings: inout Findings) {
    switch keys {
    case .jwksURL(let url):
      if !Self.isTrustworthy(url) { findings.add(.malformed, "jwks_url", Self.trustworthy) }
    case .jwks(let text):
      let set = try? JSONDecoder().decode(KeySet.self, from: Data(text.utf8))
      if set == nil { findings.add(.malformed, "jwks", "a JSON Web Key Set: {\"keys\": […]}") }
    case nil:
      findings.add(.required, "keys", "jwks_url, jwks")
    }
  }

  private func checkMappedRoles(_ findings: inout Findings) {
    if !organization.isEmpty, !mappedRoles.isEmpty {
      findings.add(.outOfRange, "mapped_roles", "none: only home issuers may carry roles")
    }
    let names = Vestibule_Model_V1_RoleAssignment.Role.known.map(\.text)
    for (claim, role) in mappedRoles.sorted(by: { $0.key < $1.key }) where !names.contains(role) {
      findings.add(.outOfRange, "mapped_roles[\(claim)]", names.joined(separator: ", "))
    }
  }

  private struct KeySet: Decodable {
    struct Key: Decodable { let kty: String }
    let keys: [Key]
  }

  private static let trustworthy = "an https URL (http only on a loopback address)"

  static func isTrustworthy(_ text: String) -> Bool {
    let example = text.replacing("{tid}", with: "tid")
    guard let url = URL(string: example), let host = url.host(), !host.isEmpty else { return false }
    switch url.scheme?.lowercased() {
    case "https": return true
    case "http": return host == "localhost" || host == "::1" || host == "[::1]" || Self.isLoopback(host)
    default: return false
    }
  }

  /// 127.0.0.0/8, written in full.
  private static func isLoopback(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
