import Foundation
import Postgres

/// Reaches an embedded target as if it were far away: by transactions of its own, outside of ours.
struct RemoteConnector: Connector {
  private let target: any EmbeddedConnector
  private let database: Database

  init(_ target: any EmbeddedConnector, database: Database) {
    (self.target, self.database) = (target, database)
  }

  var name: String { target.name }

  func settle(_ accounts: [AccountCommand]) async -> [AccountAnswer] {
    await commit(accounts, of: \.tenant) { try target.settle(accounts, on: $0) }
  }

  func observe(_ roles: [RoleCommand]) async -> [RoleAnswer] {
    await commit(roles, of: \.tenant) { try target.observe(roles, on: $0) }
  }

  func change(_ roles: [RoleCommand]) async -> [RoleAnswer] {
    await commit(roles, of: \.tenant) { try target.change(roles, on: $0) }
  }

  func observe(_ attributes: [AttributeCommand]) async -> [AttributeAnswer] {
    await commit(attributes, of: \.tenant) { try target.observe(attributes, on: $0) }
  }

  func change(_ attributes: [AttributeCommand]) async -> [AttributeAnswer] {
    await commit(attributes, of: \.tenant) { try target.change(attributes, on: $0) }
  }

  func describe(_ resources: [ResourceQuery]) async -> [ResourceAnswer] {
    await commit(resources, of: \.tenant) { try target.describe(resources, on: $0) }
  }

  private func commit<Command: Sendable, Answer: Sendable>(
    _ commands: [Command], of tenant: (Command) -> UUID,
    _ body: @Sendable (Connection) throws -> [Result<Answer, ConnectorError>]
  ) async -> [Result<Answer, ConnectorError>] {
    let tenants = "{" + Set(commands.map(tenant)).map(\.uuidString).joined(separator: ",") + "}"
    do {
      return try await database.transaction(settings: ["vestibule.tenants": tenants], body)
    } catch let error as DatabaseError where error.isRetryable {
      return commands.map { _ in .failure(.unavailable(retryAfter: nil)) }
    } catch {
      return commands.map { _ in .failure(.outcomeUnknown) }
    }
  }
}
