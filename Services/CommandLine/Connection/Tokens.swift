import Foundation
import Identity

/// Tokens for commands: the given one, or of the local development issuer where there is one.
struct Tokens {
  let address: SystemAddress

  /// May create tenants.
  func operating() throws -> String {
    try given() ?? issuer().mint(issuerName: "operator", subject: "operator", roles: ["operator"])
  }

  /// Administers the tenant, through the role that its home issuer maps.
  func administering(_ tenant: String) throws -> String {
    try given()
      ?? issuer().mint(
        issuerName: tenant, subject: "administrator", email: "administrator@\(tenant).example",
        roles: ["administrator"])
  }

  func issuer() throws -> DevelopmentIssuer {
    let url = try address.value("VESTIBULE_DEVELOPMENT_ISSUER")
    let key = URL(filePath: try address.value("VESTIBULE_ISSUER_KEY"))
    guard let origin = URL(string: url) else {
      throw Failure.environmentMissing("VESTIBULE_DEVELOPMENT_ISSUER")
    }
    return try DevelopmentIssuer(directory: key.deletingLastPathComponent(), address: origin)
  }

  private func given() -> String? { ProcessInfo.processInfo.environment["VESTIBULE_TOKEN"] }
}
