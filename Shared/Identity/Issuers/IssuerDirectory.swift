/// Finds the trusted issuer of a token. An exact issuer outranks a template.
struct IssuerDirectory: Sendable {
  private struct Template: Sendable {
    let prefix: String
    let suffix: String
    let issuer: TrustedIssuer
  }

  private var exact: [String: [TrustedIssuer]] = [:]
  private var templates: [Template] = []

  init(_ issuers: [TrustedIssuer]) {
    for issuer in issuers {
      guard let hole = issuer.issuer.firstRange(of: "{tid}") else {
        exact[issuer.issuer, default: []].append(issuer)
        continue
      }
      templates.append(
        Template(
          prefix: String(issuer.issuer[..<hole.lowerBound]),
          suffix: String(issuer.issuer[hole.upperBound...]),
          issuer: issuer))
    }
  }

  func issuer(of claims: TokenClaims) throws(IdentityError) -> TrustedIssuer {
    guard let name = claims.issuer else { throw .claimMissing("iss") }
    let candidates = exact[name] ?? matching(name, tid: claims.tenantID)
    if candidates.isEmpty { throw .issuerUnknown }
    guard let found = candidates.first(where: { claims.audience.contains($0.audience) }) else {
      throw .audienceUnknown
    }
    return found
  }

  private func matching(_ name: String, tid: String?) -> [TrustedIssuer] {
    guard let tid, !tid.isEmpty, !tid.contains("/") else { return [] }
    return templates.filter { name == $0.prefix + tid + $0.suffix }.map(\.issuer)
  }
}
