/// Something that the service cannot work without.
package struct ReadinessCheck: Sendable {
  /// As `/readyz` names it.
  package let name: String
  /// Throws when it is not there.
  package let check: @Sendable () async throws -> Void

  package init(_ name: String, check: @escaping @Sendable () async throws -> Void) {
    (self.name, self.check) = (name, check)
  }
}
