import Foundation
import Testing

@testable import Identity

@Suite("Keys are followed when they rotate and kept when their server is down")
struct KeyRotationTests {
  @Test("A new key is fetched when a token names it, at most every ten seconds")
  func rotation() async throws {
    let (old, new, unknown) = (
      try TestKey(.RS256), try TestKey(.RS256, id: "key-2"), try TestKey(.RS256, id: "key-3")
    )
    try await KeyServer.run(keySet(old.jwk())) { server, address in
      let verifier = TokenVerifier([.fabrikam(.url("\(address)/jwks"))], developmentIssuer: address)
      let start = Date()
      _ = try await verifier.verify(old.token(claims()), at: start)
      server.publish(keySet(old.jwk(), new.jwk()))
      let early = try new.token(claims())
      await #expect(throws: IdentityError.keyUnknown) { try await verifier.verify(early, at: start + 5) }
      #expect(server.requests == 1)
      #expect(try await verifier.verify(early, at: start + 11).subject == "ada")
      #expect(server.requests == 2)
      for second in 12...20 {
        let token = try unknown.token(claims(["jti": "\(second)"]))
        await #expect(throws: IdentityError.keyUnknown) {
          try await verifier.verify(token, at: start + Double(second))
        }
      }
      #expect(server.requests == 2)
    }
  }

  @Test("A withdrawn key ends when the set's time is up")
  func withdrawal() async throws {
    let (old, new) = (try TestKey(.RS256), try TestKey(.RS256, id: "key-2"))
    try await KeyServer.run(keySet(old.jwk())) { server, address in
      let verifier = TokenVerifier([.fabrikam(.url("\(address)/jwks"))], developmentIssuer: address)
      let start = Date()
      _ = try await verifier.verify(old.token(claims()), at: start)
      server.publish(keySet(new.jwk()))
      let fresh = try old.token(claims(["jti": "2"]))
      await #expect(throws: IdentityError.keyUnknown) { try await verifier.verify(fresh, at: start + 301) }
    }
  }

  @Test("While the server is down known keys serve on, and without any the error is worth another try")
  func outage() async throws {
    let key = try TestKey(.RS256)
    try await KeyServer.run(keySet(key.jwk())) { server, address in
      let issuers = [TrustedIssuer.fabrikam(.url("\(address)/jwks"))]
      let (warm, cold) = (
        TokenVerifier(issuers, developmentIssuer: address), TokenVerifier(issuers, developmentIssuer: address)
      )
      let start = Date()
      _ = try await warm.verify(key.token(claims()), at: start)
      server.setDown(true)
      let later = try key.token(claims(["jti": "later", "exp": Int(start.timeIntervalSince1970) + 3_600]))
      #expect(try await warm.verify(later, at: start + 400).subject == "ada")
      await #expect {
        try await cold.verify(later, at: start)
      } throws: { error in
        (error as? IdentityError)?.isRetryable == true
      }
      server.setDown(false)
      #expect(try await cold.verify(later, at: start + 11).subject == "ada")
    }
  }

  @Test("Callers that need the same keys at once make one request")
  func singleFlight() async throws {
    let key = try TestKey(.ES256)
    try await KeyServer.run(keySet(key.jwk())) { server, address in
      let verifier = TokenVerifier([.fabrikam(.url("\(address)/jwks"))], developmentIssuer: address)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<50 {
          group.addTask { _ = try await verifier.verify(key.token(claims(["jti": "\(number)"]))) }
        }
        try await group.waitForAll()
      }
      #expect(server.requests == 1)
    }
  }

  @Test("Without TLS only the development issuer's own origin is asked")
  func plaintext() async throws {
    let key = try TestKey(.ES256)
    try await KeyServer.run(keySet(key.jwk())) { server, address in
      let token = try key.token(claims())
      for development in [nil, "http://127.0.0.1:1"] {
        let verifier = TokenVerifier([.fabrikam(.url("\(address)/jwks"))], developmentIssuer: development)
        await #expect(throws: IdentityError.keysUnavailable("the key set's address must begin with https://"))
        {
          try await verifier.verify(token)
        }
      }
      #expect(server.requests == 0)
    }
  }

  @Test("An answer of more than 256 KiB, or that is no key set, is no answer")
  func nonsense() async throws {
    let token = try TestKey(.ES256).token(claims())
    for text in [String(repeating: " ", count: 300_000), "<html>", "{}"] {
      try await KeyServer.run(text) { _, address in
        let verifier = TokenVerifier([.fabrikam(.url("\(address)/jwks"))], developmentIssuer: address)
        await #expect {
          try await verifier.verify(token)
        } throws: { error in
          (error as? IdentityError)?.code == "keysUnavailable"
        }
      }
    }
  }
}
