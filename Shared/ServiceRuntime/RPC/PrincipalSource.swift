package import Identity

/// Says who the bearer of a token is: request-intake from its own tables, the others by asking it.
package protocol PrincipalSource: Sendable {
  /// - Parameter token: without `Bearer`.
  /// - Throws: `IdentityError`, a `Refusal`, or what a remote source was answered.
  func principal(for token: String) async throws -> Principal
}
