import JWTKit

/// One public key for one algorithm.
struct VerificationKey: Sendable {
  let id: String?
  private let algorithm: any JWTAlgorithm

  /// As in a token's `alg`.
  var name: String { algorithm.name }

  func proves(_ signature: [UInt8], of bytes: ArraySlice<UInt8>) -> Bool {
    (try? algorithm.verify(signature, signs: bytes)) ?? false
  }

  /// - Returns: one for every algorithm that the key may be used with; none for a key of another kind or use.
  static func all(of key: JWK) async -> [VerificationKey] {
    var key = key
    let id = key.keyIdentifier?.string
    if id == nil { key.keyIdentifier = "" }
    // A published private key is public: whoever signs with it proves nothing.
    guard key.privateExponent == nil else { return [] }
    var keys: [VerificationKey] = []
    for algorithm in algorithms(for: key) {
      // One key this library cannot read must not cost the issuer its others.
      guard let usable = try? await JWTKeyCollection().add(jwk: key).getKey(alg: algorithm.rawValue) else {
        continue
      }
      keys.append(VerificationKey(id: id, algorithm: usable))
    }
    return keys
  }

  private static func algorithms(for key: JWK) -> [JWK.Algorithm] {
    let possible: [JWK.Algorithm] =
      switch (key.keyType, key.curve?.rawValue) {
      case (.rsa, _): [.rs256, .rs384, .rs512]
      case (.ecdsa, "P-256"): [.es256]
      case (.ecdsa, "P-384"): [.es384]
      case (.ecdsa, "P-521"): [.es512]
      case (.octetKeyPair, _): [.eddsa]
      case (_, _): []
      }
    guard let named = key.algorithm else { return possible }
    return possible.filter { $0 == named }
  }
}
