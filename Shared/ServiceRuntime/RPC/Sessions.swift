import EntitlementModel
package import Foundation
package import Identity
package import Logging
import Messaging
package import Postgres
import ServiceLifecycle
import Synchronization

/// Whose sessions were ended and who has changed, as this service's own tables say: read every second, so that a token is
/// refused by every service, in every copy, however well its bearer is remembered, and a changed person is known anew.
package final class Sessions: Service {
  private let database: Database
  private let logger: Logger
  private let known = Mutex<Known?>(nil)

  private struct Person: Hashable {
    let tenant: UUID
    let subject: UUID
  }

  private struct Known {
    let ended: [Person: Date]
    let changed: [Person: Date]
  }

  /// Nothing is remembered for so long.
  private static let memory: TimeInterval = 60
  /// So long after a change another copy may still answer as before.
  private static let settling: TimeInterval = 2

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
    let (ended, changed) = try await database.transaction(readOnly: true) { connection in
      (
        try SessionTable(connection: connection).all(since: now - Self.longest),
        try ChangedCallerTable(connection: connection).all(since: now.addingTimeInterval(-Self.memory))
      )
    }
    let all = Known(
      ended: Dictionary(
        ended.map { (Person(tenant: $0.tenant, subject: $0.subject), $0.notBefore) }, uniquingKeysWith: max),
      changed: Dictionary(
        changed.map { (Person(tenant: $0.tenant, subject: $0.subject), $0.at) }, uniquingKeysWith: max))
    known.withLock { $0 = all }
  }

  /// - Throws: `sessionEnded` for a token that was issued before its person was cut off, or does not say when.
  package func check(_ principal: Principal) async throws {
    guard let tenant = principal.tenant, let subject = principal.subject else { return }
    if known.withLock({ $0 == nil }) { try await refresh() }
    guard let start = known.withLock({ $0?.ended[Person(tenant: tenant, subject: subject)] }) else { return }
    if principal.issuedAt.map({ $0 < start }) ?? true { throw IdentityError.sessionEnded }
  }

  /// What was known of the caller before this is not true any more; nil for nothing has changed lately.
  func changed(_ principal: Principal) -> Date? {
    guard let tenant = principal.tenant else { return nil }
    return known.withLock { known in
      principal.subjects.compactMap { known?.changed[Person(tenant: tenant, subject: $0)] }.max()
    }?.addingTimeInterval(Self.settling)
  }
}

/// Callers as they are now, whose sessions have not been ended.
struct CheckedPrincipals: PrincipalSource {
  let source: any PrincipalSource
  let sessions: Sessions

  func principal(for token: String, since instant: Date) async throws -> Principal {
    var principal = try await source.principal(for: token, since: instant)
    if let change = sessions.changed(principal), change > instant {
      principal = try await source.principal(for: token, since: change)
    }
    try await sessions.check(principal)
    return principal
  }
}
