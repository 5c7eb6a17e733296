import Crypto
import CryptoExtras
import Foundation

@testable import Identity

/// A key pair with its public half as a JSON Web Key: signs whatever a test makes up.
struct TestKey: Sendable {
  enum Algorithm: String, CaseIterable, Sendable {
    case RS256, RS384, RS512, ES256, ES384, ES512, EdDSA
  }

  let algorithm: Algorithm
  let id: String?
  /// The public key's fields, without `alg` and `kid`.
  let publicFields: [String: String]
  let signature: @Sendable (Data) throws -> Data

  init(_ algorithm: Algorithm, id: String? = "key-1") throws {
    (self.algorithm, self.id) = (algorithm, id)
    switch algorithm {
    case .RS256, .RS384, .RS512:
      let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
      let numbers = try key.publicKey.getKeyPrimitives()
      publicFields = [
        "kty": "RSA", "n": Base64URL.encode(numbers.modulus), "e": Base64URL.encode(numbers.publicExponent),
      ]
      signature = { data in
        func sign(_ digest: some Digest) throws -> Data {
          try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation
        }
        return switch algorithm {
        case .RS384: try sign(SHA384.hash(data: data))
        case .RS512: try sign(SHA512.hash(data: data))
        case .RS256, .ES256, .ES384, .ES512, .EdDSA: try sign(SHA256.hash(data: data))
        }
      }
    case .ES256:
      let key = P256.Signing.PrivateKey()
      publicFields = Self.curve("P-256", key.publicKey.rawRepresentation)
      signature = { try key.signature(for: $0).rawRepresentation }
    case .ES384:
      let key = P384.Signing.PrivateKey()
      publicFields = Self.curve("P-384", key.publicKey.rawRepresentation)
      signature = { try key.signature(for: $0).rawRepresentation }
    case .ES512:
      let key = P521.Signing.PrivateKey()
      publicFields = Self.curve("P-521", key.publicKey.rawRepresentation)
      signature = { try key.signature(for: $0).rawRepresentation }
    case .EdDSA:
      let key = Curve25519.Signing.PrivateKey()
      publicFields = ["kty": "OKP", "crv": "Ed25519", "x": Base64URL.encode(key.publicKey.rawRepresentation)]
      signature = { try key.signature(for: $0) }
    }
  }

  private static func curve(_ name: String, _ point: Data) -> [String: String] {
    let half = point.count / 2
    return [
      "kty": "EC", "crv": name, "x": Base64URL.encode(point.prefix(half)),
      "y": Base64URL.encode(point.suffix(half)),
    ]
  }

  /// - Parameter namesAlgorithm: some issuers publish no `alg`.
  func jwk(namesAlgorithm: Bool = true) -> [String: String] {
    var fields = publicFields
    fields["kid"] = id
    if namesAlgorithm { fields["alg"] = algorithm.rawValue }
    return fields
  }

  func token(_ claims: [String: any Sendable], header: [String: String] = [:]) throws -> String {
    var fields = ["alg": algorithm.rawValue, "typ": "JWT"]
    fields["kid"] = id
    fields.merge(header) { $1 }
    let signed = try "\(Self.part(fields)).\(Self.part(claims))"
    return "\(signed).\(Base64URL.encode(try signature(Data(signed.utf8))))"
  }

  static func part(_ fields: [String: any Sendable]) throws -> String {
    Base64URL.encode(try JSONSerialization.data(withJSONObject: fields))
  }
}

func keySet(_ keys: [String: String]...) -> String {
  let objects = keys.map { key in
    "{" + key.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",") + "}"
  }
  return "{\"keys\":[\(objects.joined(separator: ","))]}"
}

/// What a good token of the tests says.
func claims(_ changes: [String: any Sendable] = [:]) -> [String: any Sendable] {
  let now = Date().timeIntervalSince1970
  return [
    "iss": "https://login.fabrikam.example", "sub": "ada", "aud": "vestibule", "iat": Int(now),
    "exp": Int(now + 600),
  ].merging(changes) { $1 }
}

extension TrustedIssuer {
  static func fabrikam(_ keySource: KeySource, organization: UUID? = UUID()) -> TrustedIssuer {
    TrustedIssuer(
      issuer: "https://login.fabrikam.example", audience: "vestibule", keySource: keySource, tenant: UUID(),
      organization: organization)
  }
}
