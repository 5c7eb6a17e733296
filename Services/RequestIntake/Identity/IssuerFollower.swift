import Contracts
import EntitlementModel
import Foundation
import Identity
import Logging
import Messaging
import Postgres
import Protocols
import ServiceLifecycle
import Synchronization

/// Keeps the verifier's issuers those of the operator's file and of all tenants: in this copy at once, in
/// others by asking for the revision every second.
final class IssuerFollower: Service {
  let verifier: TokenVerifier
  private let database: Database
  private let operators: [TrustedIssuer]
  private let logger: Logger
  private let state = Mutex<State>(State())

  private struct State {
    var revision: Int64 = -1
    var askedAt = Date.distantPast
    var domains: [IssuerName: Set<DomainName>] = [:]
  }

  private struct IssuerName: Hashable {
    let issuer: String
    let audience: String
  }

  init(database: Database, operators: [TrustedIssuer], developmentIssuer: String?, logger: Logger) {
    (self.database, self.operators, self.logger) = (database, operators, logger)
    verifier = TokenVerifier(operators, developmentIssuer: developmentIssuer)
  }

  func run() async throws {
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do { try await refresh() } catch {
        logger.warning("issuers can not be read", metadata: ["cause": "\(error.loggable)"])
      }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
    }
  }

  /// Reads the issuers anew if any has changed, unless that was done just now: strangers' tokens must not make
  /// work for the database.
  /// - Returns: whether it was done.
  func refresh(unlessSeenWithin interval: TimeInterval, of now: Date) async throws -> Bool {
    let isDue = state.withLock { state in
      guard now.timeIntervalSince(state.askedAt) >= interval else { return false }
      state.askedAt = now
      return true
    }
    if isDue { try await refresh() }
    return isDue
  }

  /// Reads the issuers anew if any has changed.
  func refresh() async throws {
    let seen = state.withLock(\.revision)
    let read = try await database.transaction(readOnly: true) { connection in
      let table = IssuerTable(connection: connection)
      let revision = try table.revision()
      return (revision, revision == seen ? [] : try table.all())
    }
    guard read.0 != seen else { return }
    let issuers = read.1.compactMap(TrustedIssuer.init)
    var domains: [IssuerName: Set<DomainName>] = [:]
    for object in read.1 {
      domains[IssuerName(issuer: object.issuer.issuer, audience: object.issuer.audience)] =
        Set(object.issuer.emailDomains.compactMap { DomainName($0) })
    }
    verifier.setIssuers(operators + issuers)
    state.withLock { $0 = State(revision: read.0, askedAt: $0.askedAt, domains: domains) }
  }

  /// Whether a token proves its address: its issuer is the authority for that domain and says so (decision
  /// 3).
  func provesEmail(_ token: VerifiedToken) -> Bool {
    guard token.emailVerified, let domain = token.email.flatMap({ DomainName(email: $0) }) else {
      return false
    }
    let name = IssuerName(issuer: token.trustedIssuer.issuer, audience: token.trustedIssuer.audience)
    return state.withLock { $0.domains[name]?.contains(domain) ?? false }
  }
}

extension TrustedIssuer {
  /// What an administrator has configured; nil for an object that is no issuer.
  init?(_ object: Vestibule_Model_V1_ConfigurationObject) {
    guard case .issuer(let issuer) = object.object, let tenant = UUID(text: object.tenant) else { return nil }
    let source: KeySource
    switch issuer.keys {
    case .jwksURL(let url): source = .url(url)
    case .jwks(let text): source = .jwks(text)
    case nil: return nil
    }
    self.init(
      issuer: issuer.issuer, audience: issuer.audience, keySource: source,
      subjectClaim: SubjectClaim(rawValue: issuer.subjectClaim) ?? .sub, tenant: tenant,
      organization: UUID(text: issuer.organization),
      mappedRoles: issuer.mappedRoles.compactMapValues { Role(rawValue: $0) })
  }
}
