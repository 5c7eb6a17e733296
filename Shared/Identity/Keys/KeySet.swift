import Foundation
import JWTKit

/// An issuer's public keys as published.
struct KeySet: Sendable {
  let keys: [VerificationKey]

  /// - Throws: when it is no key set; a single key of unknown kind is passed over.
  static func parse(_ data: Data) async throws -> KeySet {
    var keys: [VerificationKey] = []
    for entry in try JSONDecoder().decode(Document.self, from: data).keys {
      guard let key = entry.key, entry.isForSignatures else { continue }
      keys += await VerificationKey.all(of: key)
    }
    return KeySet(keys: keys)
  }

  /// - Parameter id: nil when the token names no key: then any of them may be it.
  func candidates(id: String?, algorithm: String) throws(IdentityError) -> [VerificationKey] {
    let named = id.map { id in keys.filter { $0.id == id } } ?? keys
    if named.isEmpty { throw .keyUnknown }
    let fitting = named.filter { $0.name == algorithm }
    if fitting.isEmpty { throw .algorithmRefused }
    return fitting
  }

  private struct Document: Decodable {
    let keys: [Entry]
  }

  private struct Entry: Decodable {
    let key: JWK?
    let isForSignatures: Bool

    private enum CodingKeys: String, CodingKey { case use }

    init(from decoder: any Decoder) throws {
      key = try? JWK(from: decoder)
      let use = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .use)
      isForSignatures = use == nil || use == "sig"
    }
  }
}
