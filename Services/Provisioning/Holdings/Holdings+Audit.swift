import Contracts
import EntitlementModel
import Foundation
import Messaging

/// What the audit says of guests and what hangs on them: every change that is written, once.
extension Holdings {
  /// Records what changed and no fact tells.
  func recordChanges() {
    let told = Set(facts.map(\.subject))
    for assignment in assignments.inserted where !told.contains(.assignment(assignment.id)) {
      record(.assignmentCreated, assignment)
    }
    for assignment in assignments.updated where !told.contains(.assignment(assignment.id)) {
      record(.assignmentUpdated, assignment)
    }
    for guest in guests.updated
    where guest.version != guests.before(guest.id)?.version && !told.contains(.guest(guest.id)) {
      work.record(
        .guestUpdated, of: guest.id, tenant: guest.tenant, number: guest.version, by: initiator,
        details: AuditDetails(guest.codes))
    }
    recordAccounts()
    recordRoles()
    recordAttributes()
  }

  func record(_ action: AuditAction, _ assignment: Assignment) {
    work.record(
      action, of: assignment.id, tenant: assignment.tenant, number: assignment.version, by: initiator,
      details: AuditDetails(assignment.codes))
  }

  private func recordAccounts() {
    for (guest, account) in changedAccounts {
      guard let action = account.state.audited,
        guests.before(guest.id)?.account(at: account.connector)?.state != account.state
      else { continue }
      work.record(
        action, of: guest.id, tenant: guest.tenant, number: guest.version, by: initiator,
        details: AuditDetails(
          ["connector": account.connector, "provenance": account.provenance?.rawValue ?? ""],
          about: guest.id, words: ["externalID": account.externalID ?? ""]))
    }
  }

  private func recordRoles() {
    for held in roles.inserted + roles.updated {
      let (role, before) = (held.entitlement, roles.before(held.id)?.entitlement)
      let reached = before?.state == role.state ? nil : role.state.audited
      guard let action = reached ?? (before?.claims == role.claims ? nil : .entitlementUpdated) else {
        continue
      }
      // A wish that was taken back before anything was there was never more than a wish.
      if action == .entitlementRevoked, before == nil { continue }
      work.record(
        action, of: held.id.guest, tenant: role.tenant, number: role.generation, by: initiator,
        details: AuditDetails([
          "resource": held.id.resource.text, "role": held.id.role, "error": role.lastError?.rawValue ?? "",
          "assignments": role.claims.sorted().map(\.text).joined(separator: " "),
        ]))
    }
  }
}

extension Holdings {
  private func recordAttributes() {
    for attribute in attributes.inserted + attributes.updated {
      let before = attributes.before(attribute.id)
      let reached = before?.state == attribute.state ? nil : attribute.state.audited
      guard let action = reached ?? (before?.claims == attribute.claims ? nil : .attributeUpdated) else {
        continue
      }
      if action == .attributeReleased, before == nil { continue }
      work.record(
        action, of: attribute.id.guest, tenant: attribute.tenant, number: attribute.generation,
        by: initiator,
        details: AuditDetails(
          [
            "connector": attribute.id.connector, "attribute": attribute.id.name,
            "error": attribute.lastError?.rawValue ?? "",
            "assignments": attribute.claims.keys.sorted().map(\.text).joined(separator: " "),
          ], about: attribute.id.guest, words: ["value": attribute.wanted ?? ""]))
    }
  }
}

extension Assignment {
  var codes: [String: String] {
    [
      "target": target.subject.text, "accessPackage": accessPackage.text,
      "assignmentPolicy": assignmentPolicy?.text ?? "", "organization": organization?.text ?? "",
      "state": state.rawValue, "endsAt": endsAt?.formatted(.iso8601) ?? "",
      "endReason": endReason?.rawValue ?? "", "failure": failure?.rawValue ?? "",
      "attributeFailure": attributeFailure?.rawValue ?? "",
    ]
  }
}

extension Guest {
  var codes: [String: String] {
    ["presence": presence.rawValue, "state": state.rawValue, "governed": "\(isGoverned)"]
  }
}

extension Account.State {
  fileprivate var audited: AuditAction? {
    switch self {
    case .active: .accountActive
    case .blocked: .accountBlocked
    case .deleted: .accountDeleted
    case .failed: .accountFailed
    case .inviting, .blocking, .unblocking, .deleting: nil
    }
  }
}

extension AccountAttribute.State {
  fileprivate var audited: AuditAction? {
    switch self {
    case .written: .attributeWritten
    case .cleared: .attributeReleased
    case .failed: .attributeFailed
    case .writing, .clearing: nil
    }
  }
}

extension Entitlement.State {
  fileprivate var audited: AuditAction? {
    switch self {
    case .granted: .entitlementGranted
    case .revoked: .entitlementRevoked
    case .failed: .entitlementFailed
    case .granting, .revoking: nil
    }
  }
}
