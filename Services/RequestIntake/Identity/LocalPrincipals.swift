import EntitlementModel
import Foundation
import Identity
import Messaging
import ServiceRuntime
import Synchronization

/// Says who bears a token, from the tenants' own data. An answer is remembered for at most 30 seconds, and
/// until configuration or people change in this process.
final class LocalPrincipals: PrincipalSource {
  let issuers: IssuerFollower
  private let recognition: SubjectRecognition
  private let known = Mutex(BoundedCache<TokenDigest, RememberedPrincipal>(limit: 20_000))
  private static let memory: TimeInterval = 30

  init(transactor: Transactor, store: ConfigurationStore, issuers: IssuerFollower) {
    self.issuers = issuers
    recognition = SubjectRecognition(transactor: transactor, store: store)
  }

  func principal(for token: String, since instant: Date) async throws -> Principal {
    let (digest, now) = (TokenDigest(token), Date())
    if let known = known.withLock({ $0.value(for: digest, at: now) }), known.at >= instant {
      return known.principal
    }
    let principal = try await resolve(token, at: now)
    // Whoever is no subject yet may become one with the next call.
    if principal.subject != nil || principal.isOperator {
      let end = min(principal.expiresAt, now.addingTimeInterval(Self.memory))
      known.withLock { $0.store(RememberedPrincipal(principal, at: now), for: digest, until: end) }
    }
    return principal
  }

  /// Forgets every answer: roles or people have changed.
  func forget() {
    known.withLock { $0.removeAll() }
  }

  /// Forgets every answer and follows the issuers at once.
  func followIssuers() async throws {
    try await issuers.refresh()
    forget()
  }

  /// Another copy may have been told of an issuer a moment ago.
  private func verify(_ token: String, at now: Date) async throws -> VerifiedToken {
    do {
      return try await issuers.verifier.verify(token, at: now)
    } catch IdentityError.issuerUnknown {
      guard try await issuers.refresh(unlessSeenWithin: 0.2, of: now) else {
        throw IdentityError.issuerUnknown
      }
      return try await issuers.verifier.verify(token, at: now)
    }
  }

  private func resolve(_ token: String, at now: Date) async throws -> Principal {
    let verified = try await verify(token, at: now)
    guard let signIn = SignIn(verified, provesEmail: issuers.provesEmail(verified)) else {
      return Principal(verified, Recognized(subject: nil, organization: nil, isMember: false, roles: []))
    }
    return Principal(verified, try await recognition(signIn), signIn)
  }
}

extension Principal {
  fileprivate init(_ token: VerifiedToken, _ recognized: Recognized, _ signIn: SignIn? = nil) {
    self.init(
      tenant: token.trustedIssuer.tenant, subject: recognized.subject, organization: recognized.organization,
      issuer: token.issuer, externalSubject: token.subject, email: token.email,
      isEmailProved: signIn?.provedEmail != nil, isMember: recognized.isMember,
      isOperator: token.isOperator, roles: recognized.roles + token.mappedRoles, merged: recognized.merged,
      organizationSource: signIn?.organizationSource, issuedAt: token.issuedAt, expiresAt: token.expiresAt)
  }
}
