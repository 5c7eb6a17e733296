import Foundation

/// What is read of a token's payload, and nothing more.
struct TokenClaims: Decodable, Sendable {
  let issuer: String?
  let subject: String?
  let objectID: String?
  let tenantID: String?
  let audience: [String]
  /// Seconds since 1970.
  let expiresAt: Double?
  let notBefore: Double?
  let issuedAt: Double?
  let email: String?
  let emailVerified: Bool
  let name: String?
  let roles: [String]

  private enum CodingKeys: String, CodingKey {
    case issuer = "iss"
    case subject = "sub"
    case objectID = "oid"
    case tenantID = "tid"
    case audience = "aud"
    case expiresAt = "exp"
    case notBefore = "nbf"
    case issuedAt = "iat"
    case email
    case emailVerified = "email_verified"
    case name
    case roles
  }

  init(from decoder: any Decoder) throws {
    let claims = try decoder.container(keyedBy: CodingKeys.self)
    issuer = try claims.decodeIfPresent(String.self, forKey: .issuer)
    subject = try claims.decodeIfPresent(String.self, forKey: .subject)
    objectID = try claims.decodeIfPresent(String.self, forKey: .objectID)
    tenantID = try claims.decodeIfPresent(String.self, forKey: .tenantID)
    audience = try claims.decodeIfPresent(OneOrMany.self, forKey: .audience)?.values ?? []
    expiresAt = try claims.decodeIfPresent(Double.self, forKey: .expiresAt)
    notBefore = try claims.decodeIfPresent(Double.self, forKey: .notBefore)
    issuedAt = try claims.decodeIfPresent(Double.self, forKey: .issuedAt)
    email = try claims.decodeIfPresent(String.self, forKey: .email)
    emailVerified = try claims.decodeIfPresent(Truth.self, forKey: .emailVerified)?.value ?? false
    name = try claims.decodeIfPresent(String.self, forKey: .name)
    roles = try claims.decodeIfPresent(OneOrMany.self, forKey: .roles)?.values ?? []
  }

  /// A string, or an array of them: both are in use.
  private struct OneOrMany: Decodable {
    let values: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let one = try? container.decode(String.self) {
        values = [one]
      } else {
        values = try container.decode([String].self)
      }
    }
  }

  /// `true`, or `"true"` as some issuers write it.
  private struct Truth: Decodable {
    let value: Bool

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        value = flag
      } else {
        value = try container.decode(String.self) == "true"
      }
    }
  }
}

extension TokenClaims {
  /// - Parameter leeway: how far clocks may be apart, in seconds.
  func checkTimes(at now: Date, leeway: Double) throws(IdentityError) {
    let now = now.timeIntervalSince1970
    guard let expiresAt, expiresAt.isFinite else { throw .claimMissing("exp") }
    if now >= expiresAt + leeway { throw .tokenExpired }
    if let notBefore, now < notBefore - leeway { throw .tokenNotYetValid }
    if let issuedAt, now < issuedAt - leeway { throw .tokenNotYetValid }
  }

  func subject(by claim: TrustedIssuer.SubjectClaim) throws(IdentityError) -> String {
    let value =
      switch claim {
      case .sub: subject
      case .oid: objectID
      }
    guard let value, !value.isEmpty else { throw .claimMissing(claim.rawValue) }
    return value
  }
}
