import Crypto
import Foundation
import Testing

@testable import Identity

@Suite("A token is believed only if its issuer signed it, for us, for now")
struct TokenVerifierTests {
  @Test("Every algorithm of public keys works", arguments: TestKey.Algorithm.allCases)
  func algorithms(_ algorithm: TestKey.Algorithm) async throws {
    let key = try TestKey(algorithm)
    let verifier = TokenVerifier([.fabrikam(.jwks(keySet(key.jwk())))])
    let verified = try await verifier.verify(key.token(claims(["email": "ada@fabrikam.example"])))
    #expect(verified.subject == "ada")
    #expect(verified.email == "ada@fabrikam.example")
    #expect(!verified.emailVerified)
  }

  @Test("A key that names no algorithm serves those of its kind", arguments: TestKey.Algorithm.allCases)
  func unnamedAlgorithm(_ algorithm: TestKey.Algorithm) async throws {
    let key = try TestKey(algorithm)
    let verifier = TokenVerifier([.fabrikam(.jwks(keySet(key.jwk(namesAlgorithm: false))))])
    #expect(try await verifier.verify(key.token(claims())).subject == "ada")
  }

  @Test("Without a key id every key of the issuer is tried")
  func withoutKeyID() async throws {
    let (first, second) = (try TestKey(.RS256, id: nil), try TestKey(.RS256, id: nil))
    let verifier = TokenVerifier([.fabrikam(.jwks(keySet(first.jwk(), second.jwk())))])
    #expect(try await verifier.verify(second.token(claims())).subject == "ada")
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Made when the test runs, which may be long after its arguments were.
    let changes: @Sendable () -> [String: any Sendable]
    let error: IdentityError

    init(
      _ description: String, _ changes: @autoclosure @escaping @Sendable () -> [String: any Sendable],
      _ error: IdentityError
    ) {
      (testDescription, self.changes, self.error) = (description, changes, error)
    }
  }

  static var now: TimeInterval { Date().timeIntervalSince1970 }

  @Test(
    "Claims that do not fit are refused",
    arguments: [
      Wrong("expired beyond the leeway", ["exp": Int(now) - 61], .tokenExpired),
      Wrong("not yet valid beyond the leeway", ["nbf": Int(now) + 90], .tokenNotYetValid),
      Wrong("issued in the future", ["iat": Int(now) + 90], .tokenNotYetValid),
      Wrong("without an end", ["exp": NSNull()], .claimMissing("exp")),
      Wrong("another audience", ["aud": "payroll"], .audienceUnknown),
      Wrong("other audiences", ["aud": ["payroll", "wiki"]], .audienceUnknown),
      Wrong("another issuer", ["iss": "https://evil.example"], .issuerUnknown),
      Wrong("no issuer", ["iss": NSNull()], .claimMissing("iss")),
      Wrong("no subject", ["sub": ""], .claimMissing("sub")),
    ])
  func refused(_ wrong: Wrong) async throws {
    let key = try TestKey(.ES256)
    let verifier = TokenVerifier([.fabrikam(.jwks(keySet(key.jwk())))])
    let token = try key.token(claims(wrong.changes()))
    await #expect(throws: wrong.error) { try await verifier.verify(token) }
  }

  @Test("Clocks may be a minute apart, and an audience may be one of several")
  func leeway() async throws {
    let key = try TestKey(.ES256)
    let verifier = TokenVerifier([.fabrikam(.jwks(keySet(key.jwk())))])
    let late = claims([
      "exp": Int(Self.now) - 30, "nbf": Int(Self.now) + 30, "aud": ["payroll", "vestibule"],
    ])
    #expect(try await verifier.verify(key.token(late)).subject == "ada")
  }

  @Test("A forged signature is refused, whoever forged it")
  func forged() async throws {
    let (genuine, forger) = (try TestKey(.RS256), try TestKey(.RS256))
    let verifier = TokenVerifier([.fabrikam(.jwks(keySet(genuine.jwk())))])
    let forged = try forger.token(claims())
    await #expect(throws: IdentityError.signatureInvalid) { try await verifier.verify(forged) }
    let parts = try genuine.token(claims()).split(separator: ".")
    let changed = try "\(parts[0]).\(TestKey.part(claims(["sub": "mallory"]))).\(parts[2])"
    await #expect(throws: IdentityError.signatureInvalid) { try await verifier.verify(changed) }
  }

  @Test("A token cannot choose an algorithm that its issuer's key is not for")
  func algorithmConfusion() async throws {
    let key = try TestKey(.RS256)
    let verifier = TokenVerifier([.fabrikam(.jwks(keySet(key.jwk())))])
    for algorithm in ["none", "HS256", "ES256", "RS512", "PS256", "EdDSA", ""] {
      let token = try key.token(claims(), header: ["alg": algorithm])
      await #expect(throws: IdentityError.algorithmRefused) { try await verifier.verify(token) }
    }
    let unsigned = try "\(TestKey.part(["alg": "none", "kid": "key-1"])).\(TestKey.part(claims()))."
    await #expect(throws: IdentityError.algorithmRefused) { try await verifier.verify(unsigned) }
    let signed = try "\(TestKey.part(["alg": "HS256", "kid": "key-1"])).\(TestKey.part(claims()))"
    let secret = SymmetricKey(data: Data((key.publicFields["n"] ?? "").utf8))
    let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: secret)
    await #expect(throws: IdentityError.algorithmRefused) {
      try await verifier.verify("\(signed).\(Base64URL.encode(code))")
    }
  }

  @Test("A shared secret or a private key in a key set is no key")
  func keysThatProveNothing() async throws {
    let secret = ["kty": "oct", "kid": "key-1", "alg": "HS256", "k": "c2VjcmV0"]
    let verifier = TokenVerifier([.fabrikam(.jwks(keySet(secret)))])
    let token = try TestKey(.RS256).token(claims())
    await #expect(throws: IdentityError.keyUnknown) { try await verifier.verify(token) }
  }

  @Test(
    "What is no token is malformed, and the error holds nothing of it",
    arguments: [
      "a.b", "a.b.c.d", "!.!.!", "e30.e30.", "eyJhbGciOiJSUzI1NiJ9.bm90IGpzb24.AAAA", "\u{0}.\u{0}.\u{0}",
    ])
  func malformed(_ token: String) async {
    let verifier = TokenVerifier([])
    await #expect {
      try await verifier.verify(token)
    } throws: { error in
      (error as? IdentityError)?.code == "tokenMalformed" && !"\(error)".contains(token)
    }
  }

  @Test("No token, a huge one, an extension")
  func limits() async throws {
    let key = try TestKey(.ES256)
    let verifier = TokenVerifier([.fabrikam(.jwks(keySet(key.jwk())))])
    await #expect(throws: IdentityError.tokenMissing) { try await verifier.verify("") }
    let huge = String(repeating: "a", count: 20_000)
    await #expect(throws: IdentityError.tokenMalformed("longer than 16 KiB")) {
      try await verifier.verify(huge)
    }
  }

  @Test("Decision 2: roles of an outside organization's issuer are not read; a home issuer's are mapped")
  func roles() async throws {
    let key = try TestKey(.ES256)
    let token = try key.token(claims(["roles": ["Vestibule.Admin", "operator"]]))
    let source = TrustedIssuer.KeySource.jwks(keySet(key.jwk()))
    let outside = try await TokenVerifier([.fabrikam(source)]).verify(token)
    #expect(outside.roles.isEmpty && outside.mappedRoles.isEmpty && !outside.isOperator)
    let home = TrustedIssuer(
      issuer: "https://login.fabrikam.example", audience: "vestibule", keySource: source, tenant: UUID(),
      mappedRoles: ["Vestibule.Admin": .tenantAdministrator])
    let inside = try await TokenVerifier([home]).verify(token)
    #expect(inside.mappedRoles == [GrantedRole(role: .tenantAdministrator)] && !inside.isOperator)
    let operators = TrustedIssuer(
      issuer: "https://login.fabrikam.example", audience: "vestibule", keySource: source, isOperator: true)
    #expect(try await TokenVerifier([operators]).verify(token).isOperator)
  }

  @Test("A template issuer takes the token's tenant id in its place")
  func template() async throws {
    let key = try TestKey(.RS256)
    let entra = TrustedIssuer(
      issuer: "https://login.microsoftonline.com/{tid}/v2.0", audience: "api://vestibule",
      keySource: .jwks(keySet(key.jwk(namesAlgorithm: false))), subjectClaim: .oid)
    let verifier = TokenVerifier([entra])
    let tid = "9a1b2c3d-0000-4000-8000-123456789abc"
    func token(issuerTenant: String, tid: String) throws -> String {
      try key.token(
        claims([
          "iss": "https://login.microsoftonline.com/\(issuerTenant)/v2.0", "aud": "api://vestibule",
          "tid": tid,
          "oid": "0f1e2d3c", "sub": "pairwise",
        ]))
    }
    let verified = try await verifier.verify(token(issuerTenant: tid, tid: tid))
    #expect(verified.issuer == "https://login.microsoftonline.com/\(tid)/v2.0")
    #expect(verified.subject == "0f1e2d3c" && verified.tid == tid)
    let foreign = try token(issuerTenant: "another", tid: tid)
    await #expect(throws: IdentityError.issuerUnknown) { try await verifier.verify(foreign) }
    let nested = try token(issuerTenant: "a/b", tid: "a/b")
    await #expect(throws: IdentityError.issuerUnknown) { try await verifier.verify(nested) }
  }

  @Test("What was verified is believed until it expires or the issuers change")
  func cache() async throws {
    let key = try TestKey(.ES256)
    let verifier = TokenVerifier([.fabrikam(.jwks(keySet(key.jwk())))])
    let token = try key.token(claims())
    let verified = try await verifier.verify(token)
    #expect(try await verifier.verify(token) == verified)
    await #expect(throws: IdentityError.tokenExpired) {
      try await verifier.verify(token, at: verified.expiresAt.addingTimeInterval(60))
    }
    verifier.setIssuers([])
    await #expect(throws: IdentityError.issuerUnknown) { try await verifier.verify(token) }
  }
}
