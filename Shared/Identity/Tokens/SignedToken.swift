import Foundation

/// A token taken apart; nothing of it is proven yet.
struct SignedToken: Sendable {
  struct Header: Decodable, Sendable {
    let alg: String
    let kid: String?
    let crit: [String]?
  }

  let header: Header
  let claims: TokenClaims
  /// What the signature is over: header and payload as they came.
  let signedBytes: ArraySlice<UInt8>
  let signature: [UInt8]

  /// Longer ones are not read at all.
  static let maximumLength = 16 * 1024

  init(_ token: String) throws(IdentityError) {
    let bytes = Array(token.utf8)
    if bytes.isEmpty { throw .tokenMissing }
    if bytes.count > Self.maximumLength { throw .tokenMalformed("longer than 16 KiB") }
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .tokenMalformed("it has no three parts") }
    header = try Self.decode(Header.self, parts[0], "header")
    if header.crit != nil { throw .tokenMalformed("it asks for an extension (crit)") }
    claims = try Self.decode(TokenClaims.self, parts[1], "payload")
    guard let signature = Base64URL.decode(parts[2]) else { throw .tokenMalformed("signature") }
    self.signature = signature
    signedBytes = bytes[..<(parts[1].endIndex)]
  }

  private static func decode<Part: Decodable>(
    _ type: Part.Type, _ text: ArraySlice<UInt8>, _ name: String
  ) throws(IdentityError) -> Part {
    guard let bytes = Base64URL.decode(text) else { throw .tokenMalformed(name) }
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw .tokenMalformed(name)
    }
  }
}
