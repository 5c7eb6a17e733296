import EntitlementModel
import Foundation
import Messaging

/// A role as it is about to be asked for: the generation tells whether the answer still fits.
struct AskedRole: Sendable, Hashable {
  let role: Entitlement.ID
  let generation: Int
  let command: RoleCommand
}

/// An attribute as it is about to be asked for.
struct AskedAttribute: Sendable, Hashable {
  let attribute: AccountAttribute.ID
  let generation: Int
  let command: AttributeCommand
}

/// What connectors have still to be told, by connector.
extension Settlement {
  func pendingAccounts(_ holdings: Holdings) -> [String: [AccountCommand]] {
    var commands: [String: [AccountCommand]] = [:]
    for guest in holdings.guests.current.values {
      for account in guest.accounts {
        guard let wish = account.wish else { continue }
        commands[account.connector, default: []].append(
          AccountCommand(
            tenant: guest.tenant, guest: guest.id, email: guest.target.email,
            displayName: guest.target.displayName, externalID: account.externalID, wish: wish))
      }
    }
    return commands
  }

  /// Roles whose account is there. The others wait for it.
  func pendingRoles(_ holdings: Holdings) -> [String: [AskedRole]] {
    var asked: [String: [AskedRole]] = [:]
    for held in holdings.roles.current.values {
      let entitlement = held.entitlement
      guard entitlement.isPending, entitlement.state != .failed,
        let account = holdings.guests[held.id.guest]?.account(at: entitlement.originSystem)
      else { continue }
      guard let externalID = account.externalID, account.state != .deleted, account.state != .inviting else {
        // Nobody can have a role without an account.
        if !entitlement.isWanted { holdings.confirmAbsence(of: held) }
        continue
      }
      if entitlement.isWanted, account.state == .deleting { continue }
      asked[entitlement.originSystem, default: []].append(
        AskedRole(
          role: held.id, generation: entitlement.generation,
          command: RoleCommand(
            tenant: entitlement.tenant, guest: held.id.guest, externalID: externalID,
            originID: entitlement.originID, role: held.id.role, isWanted: entitlement.isWanted)))
    }
    return asked
  }
}

extension Settlement {
  /// Attributes whose account is there. The others wait for it.
  func pendingAttributes(_ holdings: Holdings) -> [String: [AskedAttribute]] {
    var asked: [String: [AskedAttribute]] = [:]
    for attribute in holdings.attributes.current.values {
      guard attribute.isPending, attribute.state != .failed,
        let account = holdings.guests[attribute.id.guest]?.account(at: attribute.id.connector)
      else { continue }
      guard let externalID = account.externalID, account.state != .deleted, account.state != .inviting else {
        holdings.change(attribute: attribute.id) { $0.accountGone() }
        continue
      }
      if attribute.wanted != nil, account.state == .deleting { continue }
      // What was refused is asked for again in its time.
      if let next = attribute.nextAttemptAt, next.microseconds > holdings.work.now.microseconds { continue }
      asked[attribute.id.connector, default: []].append(
        AskedAttribute(
          attribute: attribute.id, generation: attribute.generation,
          command: AttributeCommand(
            tenant: attribute.tenant, guest: attribute.id.guest, externalID: externalID,
            name: attribute.id.name, value: attribute.due)))
    }
    return asked
  }
}

extension Account {
  /// What its connector has still to be asked.
  fileprivate var wish: AccountCommand.Wish? {
    switch state {
    case .inviting, .unblocking: .present
    case .blocking: .blocked
    case .deleting: .deleted
    case .active, .blocked, .deleted, .failed: nil
    }
  }
}

extension Guest {
  func account(at connector: String) -> Account? { accounts.first { $0.connector == connector } }
}
