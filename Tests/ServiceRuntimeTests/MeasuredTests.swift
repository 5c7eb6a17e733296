import Foundation
import GRPCCore
import Identity
import Logging
import Protocols
import Testing

@testable import ServiceRuntime

/// Numbers for whoever changes these paths; run with `VESTIBULE_MEASURE=1`.
@Suite("Measured", .enabled(if: ProcessInfo.processInfo.environment["VESTIBULE_MEASURE"] != nil), .serialized)
struct MeasuredTests {
  private struct Plain: Vestibule_Api_V1_Principals.SimpleServiceProtocol {
    func resolve(
      request: Vestibule_Api_V1_ResolveRequest, context: ServerContext
    ) async throws -> Vestibule_Api_V1_Principal {
      Vestibule_Api_V1_Principal()
    }
  }

  private func microseconds(_ calls: Int, _ body: () async throws -> Void) async throws -> Double {
    let time = try await ContinuousClock().measure { try await body() }
    return time / .microseconds(1) / Double(calls)
  }

  @Test("What the interceptors add to a call")
  func interceptors() async throws {
    let calls = 4_000
    for _ in 0..<3 {
      var times: [Double] = []
      for interceptors in [[], nil] as [[any ServerInterceptor]?] {
        try await withServer(Plain(), interceptors: interceptors) { client, _ in
          times.append(
            try await microseconds(calls) {
              try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                  group.addTask { for _ in 0..<calls / 16 { _ = try await resolve(client, token: "ada") } }
                }
                try await group.waitForAll()
              }
            })
        }
      }
      print("per call, client and server: without \(times[0]) µs, with interceptors \(times[1]) µs")
    }
  }

  @Test("What a fresh token costs, and one seen before")
  func tokens() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vestibule-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let address = try #require(URL(string: "http://127.0.0.1:9000"))
    let issuer = try DevelopmentIssuer(directory: folder, address: address)
    let people = (0..<2_000).map {
      DevelopmentIssuer.Person(subject: "p\($0)", email: "p\($0)@fabrikam.example")
    }
    var tokens: [String] = []
    let minting = try await microseconds(people.count) {
      tokens = try await issuer.mint(issuerName: "fabrikam", people)
    }
    let verifier = TokenVerifier([
      TrustedIssuer(
        issuer: "http://127.0.0.1:9000/fabrikam", audience: "vestibule", keySource: .file(issuer.keySetPath))
    ])
    _ = try await verifier.verify(issuer.mint(issuerName: "fabrikam", subject: "warm"))
    let fresh = try await microseconds(tokens.count) {
      for token in tokens { _ = try await verifier.verify(token) }
    }
    let known = try await microseconds(tokens.count) {
      for token in tokens { _ = try await verifier.verify(token) }
    }
    print("RS256 token: minting \(minting) µs, verifying fresh \(fresh) µs, known \(known) µs")
  }
}
