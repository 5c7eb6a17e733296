import Foundation
import Testing

@testable import Identity

@Suite("The development issuer serves one machine")
struct DevelopmentIssuerTests {
  private func directory() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appending(path: "vestibule-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  @Test(
    "Any address but a loopback one is refused",
    arguments: [
      "http://0.0.0.0:9000", "http://10.0.0.1:9000", "http://127.example.com:9000",
      "https://vestibule.example",
    ])
  func loopback(_ address: String) throws {
    let folder = try directory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = try #require(URL(string: address))
    #expect(throws: DevelopmentIssuer.Failure.notLoopback(address)) {
      _ = try DevelopmentIssuer(directory: folder, address: url)
    }
  }

  @Test("Its tokens are believed, also after a restart, and its key is its owner's alone")
  func minting() async throws {
    let folder = try directory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let address = try #require(URL(string: "http://127.0.0.1:9000"))
    let first = try DevelopmentIssuer(directory: folder, address: address)
    let again = try DevelopmentIssuer(directory: folder, address: address)
    let trusted = TrustedIssuer(
      issuer: "http://127.0.0.1:9000/contoso", audience: "vestibule", keySource: .file(first.keySetPath))
    let verifier = TokenVerifier([trusted])
    for issuer in [first, again] {
      let token = try issuer.mint(
        issuerName: "contoso", subject: "kim", email: "kim@contoso.example", roles: ["hr"])
      let verified = try await verifier.verify(token)
      #expect(verified.subject == "kim" && verified.roles == ["hr"] && verified.emailVerified)
    }
    let path = folder.appending(path: "development-issuer.pem").path(percentEncoded: false)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test("Tokens for many people come in the people's order")
  func bulk() async throws {
    let folder = try directory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let issuer = try DevelopmentIssuer(
      directory: folder, address: #require(URL(string: "http://localhost:9000")))
    let people = (0..<37).map { DevelopmentIssuer.Person(subject: "person-\($0)") }
    let tokens = try await issuer.mint(issuerName: "fabrikam", people)
    let subjects = try tokens.map { try SignedToken($0).claims.subject }
    #expect(subjects == people.map(\.subject))
  }
}
