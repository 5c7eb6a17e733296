import Crypto

/// A token's SHA-256: what caches are keyed by, so that no token stays in memory.
package struct TokenDigest: Sendable, Hashable {
  private let digest: SHA256Digest

  package init(_ token: String) {
    var token = token
    digest = token.withUTF8 { SHA256.hash(data: UnsafeRawBufferPointer($0)) }
  }
}
