package import Foundation
package import Identity

/// Says who the bearer of a token is: request-intake from its own tables, the others by asking it.
package protocol PrincipalSource: Sendable {
  /// - Parameters:
  ///   - token: without `Bearer`.
  ///   - instant: what is remembered from before that does not count.
  /// - Throws: `IdentityError`, a `Refusal`, or what a remote source was answered.
  func principal(for token: String, since instant: Date) async throws -> Principal
}

extension PrincipalSource {
  package func principal(for token: String) async throws -> Principal {
    try await principal(for: token, since: .distantPast)
  }
}

/// What a source was told of a bearer, and when.
package struct RememberedPrincipal: Sendable {
  package let principal: Principal
  package let at: Date

  package init(_ principal: Principal, at: Date) {
    (self.principal, self.at) = (principal, at)
  }
}
