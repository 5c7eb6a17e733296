import Foundation
import Identity
import LocalSystem
import TestSupport
import Testing

@Suite("The development issuer's HTTP side")
struct DevelopmentIssuerServerTests {
  @Test("Offers discovery and keys for every issuer name, then stops")
  func discovery() async throws {
    let directory = try TestDirectory.make()
    defer { try? FileManager.default.removeItem(at: directory) }
    let server = try DevelopmentIssuerServer(directory: directory)
    try await server.start()
    let issuer = server.issuer.issuer("contoso")
    let discovery = try await get("\(issuer)/.well-known/openid-configuration")
    #expect(discovery["issuer"] as? String == issuer)
    let keys = try await get(try #require(discovery["jwks_uri"] as? String))
    #expect((keys["keys"] as? [[String: Any]])?.first?["kty"] as? String == "RSA")
    await server.stop()
  }

  @Test("Is for this machine only", arguments: ["0.0.0.0", "192.0.2.1", "example.com"])
  func loopbackOnly(host: String) throws {
    let directory = try TestDirectory.make()
    defer { try? FileManager.default.removeItem(at: directory) }
    #expect(throws: LocalSystemError.notLoopback(address: host)) {
      try DevelopmentIssuerServer(directory: directory, host: host)
    }
  }

  private func get(_ url: String) async throws -> [String: Any] {
    let curl = try Program.find("curl", package: "curl")
    let text = try await Command(curl, ["-s", "-f", url]).run()
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}
