import EntitlementModel
import Foundation

/// What a connector is to make of one guest's account.
struct AccountCommand: Sendable, Hashable {
  enum Wish: Sendable, Hashable { case present, blocked, deleted }

  let tenant: UUID
  let guest: UUID
  let email: String
  let displayName: String
  /// The account's id at the connector, once it is known.
  let externalID: String?
  let wish: Wish
}

/// One role of one resource, for one account.
struct RoleCommand: Sendable, Hashable {
  let tenant: UUID
  let guest: UUID
  let externalID: String
  let originID: String
  let role: String
  let isWanted: Bool
}

/// One attribute of one account, and what it is to be.
struct AttributeCommand: Sendable, Hashable {
  let tenant: UUID
  let guest: UUID
  let externalID: String
  let name: String
  /// Nil for nothing.
  let value: String?
}

/// A resource that is to be looked at.
struct ResourceQuery: Sendable, Hashable {
  let tenant: UUID
  let originID: String
}

/// The roles that a resource offers.
enum OfferedRoles: Sendable, Hashable {
  /// It keeps no list and takes whatever is configured.
  case any
  case these([String])
}

/// Why a connector did not do an item. What is stored of it, and shown to administrators, is its code.
enum ConnectorError: Error, Sendable, Hashable {
  /// Nothing was done; to be tried again, not before so many seconds if it said so.
  case unavailable(retryAfter: Double?)
  /// It may or may not have been done: observe before anything else.
  case outcomeUnknown
  /// Will not succeed by being tried again.
  case resourceMissing
  case refused

  var code: TargetError {
    switch self {
    case .unavailable: .connectorUnavailable
    case .outcomeUnknown: .outcomeUnknown
    case .resourceMissing: .resourceMissing
    case .refused: .connectorRefused
    }
  }

  var isRetryable: Bool {
    switch self {
    case .unavailable, .outcomeUnknown: true
    case .resourceMissing, .refused: false
    }
  }

  /// Seconds that the connector asked to be left alone.
  var retryAfter: Double {
    switch self {
    case .unavailable(let seconds): seconds ?? 0
    case .outcomeUnknown, .resourceMissing, .refused: 0
    }
  }
}

typealias AccountAnswer = Result<Account.Answer, ConnectorError>
/// What was there: before a change, or when it was looked for.
typealias AttributeAnswer = Result<String?, ConnectorError>
typealias ResourceAnswer = Result<OfferedRoles, ConnectorError>
/// Whether the role was there: before a change, or when it was looked for.
typealias RoleAnswer = Result<Bool, ConnectorError>
