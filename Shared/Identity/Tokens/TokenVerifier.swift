package import Foundation
import Synchronization

/// Turns bearer tokens into what they prove. Verified ones are remembered (by digest) until they expire, or
/// the issuers change.
package final class TokenVerifier: Sendable {
  private struct State: Sendable {
    var directory: IssuerDirectory
    var keys: [TrustedIssuer.KeySource: IssuerKeys] = [:]
    var verified: BoundedCache<TokenDigest, VerifiedToken>
    /// Which set of issuers is in force: what was verified under an earlier one is not remembered.
    var edition = 0
  }

  /// How far an issuer's clock may be from ours, in seconds.
  private static let leeway: Double = 60

  private let state: Mutex<State>
  private let fetcher: KeyFetcher

  /// - Parameters:
  ///   - developmentIssuer: the address of the development issuer, whose keys may be fetched without TLS.
  ///   - cacheLimit: how many verified tokens are remembered.
  package init(_ issuers: [TrustedIssuer], developmentIssuer: String? = nil, cacheLimit: Int = 20_000) {
    fetcher = KeyFetcher(developmentOrigin: developmentIssuer.flatMap { Origin($0) })
    state = Mutex(State(directory: IssuerDirectory([]), verified: BoundedCache(limit: cacheLimit)))
    setIssuers(issuers)
  }

  /// Trusts these from now on, and no other. Fetched keys of sources that stay are kept.
  package func setIssuers(_ issuers: [TrustedIssuer]) {
    state.withLock { state in
      state.edition += 1
      state.directory = IssuerDirectory(issuers)
      state.verified.removeAll()
      let known = state.keys
      state.keys = [:]
      for source in issuers.map(\.keySource) {
        state.keys[source] = known[source] ?? IssuerKeys(source: source, fetcher: fetcher)
      }
    }
  }

  package func verify(_ token: String, at now: Date = Date()) async throws(IdentityError) -> VerifiedToken {
    let digest = TokenDigest(token)
    if let known = state.withLock({ $0.verified.value(for: digest, at: now) }) { return known }
    let (directory, edition) = state.withLock { ($0.directory, $0.edition) }
    let signed = try SignedToken(token)
    let issuer = try directory.issuer(of: signed.claims)
    try signed.claims.checkTimes(at: now, leeway: Self.leeway)
    try await checkSignature(of: signed, by: issuer, at: now)
    let verified = try VerifiedToken(signed.claims, of: issuer)
    state.withLock { state in
      guard state.edition == edition else { return }
      state.verified.store(verified, for: digest, until: verified.expiresAt)
    }
    return verified
  }

  private func checkSignature(
    of token: SignedToken, by issuer: TrustedIssuer, at now: Date
  ) async throws(IdentityError) {
    guard let keys = state.withLock({ $0.keys[issuer.keySource] }) else { throw .issuerUnknown }
    let candidates = try await keys.candidates(id: token.header.kid, algorithm: token.header.alg, at: now)
    guard candidates.contains(where: { $0.proves(token.signature, of: token.signedBytes) }) else {
      throw .signatureInvalid
    }
  }
}
