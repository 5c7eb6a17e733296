import Foundation
import Identity

/// Somebody with an identity of a partner, and a token for it.
struct Caller: Sendable {
  let name: String
  let token: String
}

extension DevelopmentIssuer {
  /// People whom nobody has met: their names differ from run to run.
  func strangers(_ count: Int, of issuerName: String = "fabrikam") async throws -> [Caller] {
    let run = UUID().uuidString.prefix(8).lowercased()
    let names = (0..<count).map { "p\(run)-\($0)" }
    let tokens = try await mint(
      issuerName: issuerName,
      names.map { Person(subject: $0, email: "\($0)@\(issuerName).example", name: $0) })
    return zip(names, tokens).map { .init(name: $0, token: $1) }
  }

  func stranger(of issuerName: String = "fabrikam", domain: String) throws -> Caller {
    let name = "p\(UUID().uuidString.prefix(8).lowercased())"
    let token = try mint(issuerName: issuerName, subject: name, email: "\(name)@\(domain)", name: name)
    return Caller(name: name, token: token)
  }

  /// Contoso's partner manager in the sample tenant.
  func partnerManager() throws -> Caller {
    .init(
      name: "grace",
      token: try mint(issuerName: "contoso", subject: "grace", email: "grace@contoso.example"))
  }

  /// Fabrikam's sponsor in the sample tenant.
  func sponsor() throws -> Caller {
    .init(
      name: "ada", token: try mint(issuerName: "fabrikam", subject: "ada", email: "ada@fabrikam.example"))
  }
}
