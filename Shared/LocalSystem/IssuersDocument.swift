import Foundation
import Identity

/// The operator's issuers of a local system: the development issuer under the name `operator`.
enum IssuersDocument {
  static func file(in directory: URL) -> URL { directory.appending(path: "issuers.json") }

  static func write(_ issuer: DevelopmentIssuer, to directory: URL) throws {
    let document = [
      "issuers": [
        ["issuer": issuer.issuer("operator"), "audience": "vestibule", "jwksFile": issuer.keySetPath]
      ]
    ]
    try JSONEncoder().encode(document).write(to: file(in: directory), options: .atomic)
  }
}
