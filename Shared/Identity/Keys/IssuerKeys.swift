import Foundation

/// One source's keys: fetched when first asked for, again when they are old or a key is unknown, and kept
/// when their server is down.
actor IssuerKeys {
  private let source: TrustedIssuer.KeySource
  private let fetcher: KeyFetcher
  private var current: KeySet?
  private var endsAt = Date.distantPast
  private var nextAttempt = Date.distantPast
  private var fetching: Task<Void, any Error>?

  /// How long to leave a server alone, in seconds: a stranger's key ids must not make us ask on every call.
  private static let pause: TimeInterval = 10

  init(source: TrustedIssuer.KeySource, fetcher: KeyFetcher) {
    (self.source, self.fetcher) = (source, fetcher)
  }

  func candidates(id: String?, algorithm: String, at now: Date) async throws(IdentityError)
    -> [VerificationKey]
  {
    if let current, now < endsAt, let found = try? current.candidates(id: id, algorithm: algorithm) {
      return found
    }
    if now >= nextAttempt || fetching != nil {
      do { try await refresh(at: now) } catch let error where current == nil {
        throw Self.unavailable(error)
      } catch {}
    }
    guard let current else { throw .keysUnavailable("asked less than 10 seconds ago") }
    return try current.candidates(id: id, algorithm: algorithm)
  }

  private func refresh(at now: Date) async throws {
    if let fetching { return try await fetching.value }
    nextAttempt = now.addingTimeInterval(Self.pause)
    let task = Task { try await self.load(at: now) }
    fetching = task
    defer { fetching = nil }
    try await task.value
  }

  private func load(at now: Date) async throws {
    let answer = try await fetcher.fetch(source)
    current = try await KeySet.parse(answer.data)
    endsAt = now.addingTimeInterval(answer.lifetime)
  }

  private static func unavailable(_ error: any Error) -> IdentityError {
    error as? IdentityError ?? .keysUnavailable("what was read is not a JSON Web Key Set")
  }
}
