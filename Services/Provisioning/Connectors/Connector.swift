import Postgres

/// A target system that is reached over a wire: never inside a transaction. Commands come in batches and are
/// answered item by item, in their order. Doing a thing twice must be as doing it once.
protocol Connector: Sendable {
  /// The `originSystem` of its resources.
  var name: String { get }

  /// Accounts made, blocked, unblocked or deleted. What somebody else made is found, never changed.
  func settle(_ accounts: [AccountCommand]) async -> [AccountAnswer]
  /// Whether each role is there, changing nothing.
  func observe(_ roles: [RoleCommand]) async -> [RoleAnswer]
  /// Roles granted or revoked.
  func change(_ roles: [RoleCommand]) async -> [RoleAnswer]
  /// What each attribute is, changing nothing.
  func observe(_ attributes: [AttributeCommand]) async -> [AttributeAnswer]
  /// Attributes written or cleared. A connector whose accounts have none refuses.
  func change(_ attributes: [AttributeCommand]) async -> [AttributeAnswer]
  /// Which roles resources offer.
  func describe(_ resources: [ResourceQuery]) async -> [ResourceAnswer]
}

/// A target that lives in this service's own database: it applies its batch in the transaction in hand, so that its
/// answer and what follows from it are committed together.
protocol EmbeddedConnector: Sendable {
  var name: String { get }

  func settle(_ accounts: [AccountCommand], on connection: Connection) throws -> [AccountAnswer]
  func observe(_ roles: [RoleCommand], on connection: Connection) throws -> [RoleAnswer]
  func change(_ roles: [RoleCommand], on connection: Connection) throws -> [RoleAnswer]
  func observe(_ attributes: [AttributeCommand], on connection: Connection) throws -> [AttributeAnswer]
  func change(_ attributes: [AttributeCommand], on connection: Connection) throws -> [AttributeAnswer]
  func describe(_ resources: [ResourceQuery], on connection: Connection) throws -> [ResourceAnswer]
}

/// The targets there are, by name.
struct Connectors: Sendable {
  private let embedded: [String: any EmbeddedConnector]
  private let external: [String: any Connector]

  init(embedded: [any EmbeddedConnector], external: [any Connector] = []) {
    self.embedded = Dictionary(uniqueKeysWithValues: embedded.map { ($0.name, $0) })
    self.external = Dictionary(uniqueKeysWithValues: external.map { ($0.name, $0) })
  }

  enum Reach {
    case embedded(any EmbeddedConnector)
    case external(any Connector)
    /// No connector bears the name: whatever is asked of it is refused.
    case missing
  }

  func reach(_ name: String) -> Reach {
    if let connector = embedded[name] { return .embedded(connector) }
    return external[name].map(Reach.external) ?? .missing
  }

  var hasExternal: Bool { !external.isEmpty }
}
