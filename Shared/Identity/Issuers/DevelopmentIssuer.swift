import Crypto
import CryptoExtras
package import Foundation

/// An issuer for one machine: one RSA key in a directory, tokens for anybody. Only ever on a loopback
/// address, so that no installation can be opened with it from outside (decision 2).
package struct DevelopmentIssuer: Sendable {
  package enum Failure: Error, Sendable, Equatable {
    /// The address is not this machine's alone.
    case notLoopback(String)
    case keyUnreadable(path: String)
    case keyUnwritable(path: String)
    case signingFailed
  }

  /// What a token says; `roles` are believed of home issuers and the operator's alone.
  package struct Person: Sendable {
    package let subject: String
    package let email: String?
    package let name: String?
    package let roles: [String]

    package init(subject: String, email: String? = nil, name: String? = nil, roles: [String] = []) {
      (self.subject, self.email, self.name, self.roles) = (subject, email, name, roles)
    }
  }

  package let address: URL
  /// The key set's file.
  package let keySetPath: String
  private let key: _RSA.Signing.PrivateKey
  private static let keyID = "development"

  /// Reads the key, or makes one that only the file's owner may read.
  package init(directory: URL, address: URL) throws {
    guard Origin(address.absoluteString)?.isLoopback == true else {
      throw Failure.notLoopback(address.absoluteString)
    }
    self.address = address
    keySetPath = directory.appending(path: "jwks.json").path(percentEncoded: false)
    key = try Self.key(at: directory.appending(path: "development-issuer.pem"))
    guard let keySet = try? Self.keySet(of: key), (try? keySet.write(to: URL(filePath: keySetPath))) != nil
    else {
      throw Failure.keyUnwritable(path: keySetPath)
    }
  }

  /// The `iss` of tokens of that name.
  package func issuer(_ name: String) -> String {
    address.absoluteString.hasSuffix("/")
      ? "\(address.absoluteString)\(name)" : "\(address.absoluteString)/\(name)"
  }

  /// - Parameter lifetime: in seconds.
  package func mint(
    issuerName: String, subject: String, email: String? = nil, name: String? = nil,
    audience: String = "vestibule",
    roles: [String] = [], lifetime: TimeInterval = 3_600, now: Date = Date()
  ) throws -> String {
    try mint(
      issuerName: issuerName, Person(subject: subject, email: email, name: name, roles: roles),
      audience: audience,
      lifetime: lifetime, now: now)
  }

  /// Tokens for many people, on all cores, in the people's order.
  package func mint(
    issuerName: String, _ people: [Person], audience: String = "vestibule", lifetime: TimeInterval = 3_600,
    now: Date = Date()
  ) async throws -> [String] {
    let slice = max(1, people.count / (4 * ProcessInfo.processInfo.activeProcessorCount))
    let starts = Array(stride(from: 0, to: people.count, by: slice))
    return try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
      for start in starts {
        group.addTask {
          let tokens = try people[start..<min(start + slice, people.count)].map {
            try mint(issuerName: issuerName, $0, audience: audience, lifetime: lifetime, now: now)
          }
          return (start, tokens)
        }
      }
      let parts = try await group.reduce(into: [Int: [String]]()) { $0[$1.0] = $1.1 }
      return starts.flatMap { parts[$0] ?? [] }
    }
  }

  private func mint(
    issuerName: String, _ person: Person, audience: String, lifetime: TimeInterval, now: Date
  ) throws -> String {
    let claims = Claims(
      iss: issuer(issuerName), tid: issuerName.split(separator: "/").last.map(String.init),
      sub: person.subject, aud: audience, iat: Int(now.timeIntervalSince1970),
      exp: Int(now.timeIntervalSince1970 + lifetime), email: person.email,
      email_verified: person.email.map { _ in true },
      name: person.name, roles: person.roles.isEmpty ? nil : person.roles)
    let header = #"{"alg":"RS256","kid":"\#(Self.keyID)","typ":"JWT"}"#
    let signed = try "\(Base64URL.encode(header.utf8)).\(Base64URL.encode(JSONEncoder().encode(claims)))"
    guard
      let signature = try? key.signature(
        for: SHA256.hash(data: Data(signed.utf8)), padding: .insecurePKCS1v1_5)
    else { throw Failure.signingFailed }
    return "\(signed).\(Base64URL.encode(signature.rawRepresentation))"
  }

  private struct Claims: Encodable {
    let iss: String
    /// So that it can stand for a multi-tenant issuer: `partners/litware` fits the template `…/partners/{tid}`.
    let tid: String?
    let sub: String
    let aud: String
    let iat: Int
    let exp: Int
    let email: String?
    let email_verified: Bool?
    let name: String?
    let roles: [String]?
  }

  private static func key(at file: URL) throws -> _RSA.Signing.PrivateKey {
    let path = file.path(percentEncoded: false)
    if FileManager.default.fileExists(atPath: path) {
      guard let text = try? String(contentsOf: file, encoding: .utf8),
        let key = try? _RSA.Signing.PrivateKey(pemRepresentation: text)
      else { throw Failure.keyUnreadable(path: path) }
      return key
    }
    let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    guard
      FileManager.default.createFile(
        atPath: path, contents: Data(key.pemRepresentation.utf8), attributes: [.posixPermissions: 0o600])
    else { throw Failure.keyUnwritable(path: path) }
    return key
  }

  private static func keySet(of key: _RSA.Signing.PrivateKey) throws -> Data {
    let numbers = try key.publicKey.getKeyPrimitives()
    let (modulus, exponent) = (Base64URL.encode(numbers.modulus), Base64URL.encode(numbers.publicExponent))
    let set = """
      {"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"\(keyID)","n":"\(modulus)","e":"\(exponent)"}]}

      """
    return Data(set.utf8)
  }
}
