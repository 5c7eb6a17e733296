import EntitlementModel
package import Foundation
package import Identity
package import Logging
import Messaging
package import Postgres
import ServiceLifecycle
import Synchronization

/// Whose sessions were ended, as this service's own table says: read every second, so that a token is refused by every
/// service, in every copy, however well its bearer is remembered.
package final class Sessions: Service {
  private let database: Database
  private let logger: Logger
  private let known = Mutex<[Person: Date]?>(nil)

  private struct Person: Hashable {
    let tenant: UUID
    let subject: UUID
  }

  /// No token lives so long.
  private static let longest = Period.days(30)

  package init(database: Database, logger: Logger) {
    (self.database, self.logger) = (database, logger)
  }

  package func run() async throws {
    await poll(every: .seconds(1), "ended sessions can not be read", logger: logger) {
      try await refresh()
      return false
    }
  }

  package func refresh(at now: Date = Date()) async throws {
    let ended = try await database.transaction(readOnly: true) { connection in
      try SessionTable(connection: connection).all(since: now - Self.longest)
    }
    let people = Dictionary(
      ended.map { (Person(tenant: $0.tenant, subject: $0.subject), $0.notBefore) }, uniquingKeysWith: max)
    known.withLock { $0 = people }
  }

  /// - Throws: `sessionEnded` for a token that was issued before its person was cut off, or does not say when.
  package func check(_ principal: Principal) async throws {
    guard let tenant = principal.tenant, let subject = principal.subject else { return }
    if known.withLock({ $0 == nil }) { try await refresh() }
    guard let start = known.withLock({ $0?[Person(tenant: tenant, subject: subject)] }) else { return }
    if principal.issuedAt.map({ $0 < start }) ?? true { throw IdentityError.sessionEnded }
  }
}

/// Callers whose sessions have not been ended.
struct CheckedPrincipals: PrincipalSource {
  let source: any PrincipalSource
  let sessions: Sessions

  func principal(for token: String) async throws -> Principal {
    let principal = try await source.principal(for: token)
    try await sessions.check(principal)
    return principal
  }
}
