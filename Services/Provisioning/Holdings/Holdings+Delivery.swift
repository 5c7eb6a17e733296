import EntitlementModel
import Foundation
import Messaging

extension Holdings {
  /// Starts delivering an assignment: its person is (again) a guest, and it claims what its package gives.
  ///
  /// - Parameter adopts: takes what was there before us under governance.
  func begin(_ assignment: Assignment, _ package: AccessPackage, adopts: Bool = false) {
    let person = assignment.target.subject
    if guests[person] == nil {
      let (guest, events) = Guest.invite(assignment.target, tenant: assignment.tenant)
      add(guest, telling: events)
    }
    change(guest: person) { $0.assignmentBegan(assignment.target) }
    if adopts { change(guest: person) { $0.adopt() } }
    claim(package.resourceRoles, by: assignment)
    claim(package.attributes, by: assignment)
  }

  /// The assignment's package gives something else now: what is new is claimed, what is gone is released.
  func change(_ assignment: Assignment, to package: AccessPackage) {
    let person = assignment.target.subject
    let wanted = Set(
      package.resourceRoles.map { Entitlement.ID(guest: person, resource: $0.resource, role: $0.role) })
    for held in self.roles(of: person)
    where held.entitlement.claims.contains(assignment.id) && !wanted.contains(held.id) {
      release(held, by: assignment)
    }
    claim(package.resourceRoles, by: assignment)
    answer(assignment, package)
  }

  /// The assignment's answers are written to the accounts: what is answered no longer is released.
  func answer(_ assignment: Assignment, _ package: AccessPackage) {
    let person = assignment.target.subject
    let answered = Set(
      package.attributes.filter { assignment.value(of: $0) != nil }.map { $0.place(of: person) })
    for attribute in attributes(of: person) where !answered.contains(attribute.id) {
      change(attribute: attribute.id) { $0.release(by: assignment.id, at: work.now) }
    }
    claim(package.attributes, by: assignment)
  }

  /// Everything that the assignment claims is to be told to its connector again.
  func assertAll(of assignment: Assignment) {
    for attribute in attributes(of: assignment.target.subject) where attribute.newest == assignment.id {
      change(attribute: attribute.id) { $0.assertAnew(at: work.now) }
    }
    for held in roles(of: assignment.target.subject) where held.entitlement.claims.contains(assignment.id) {
      change(role: held.id) { $0.entitlement.assertAnew(at: work.now) }
    }
  }

  private func claim(_ roles: [ResourceRole], by assignment: Assignment) {
    let connectors = Set(roles.map(\.originSystem)).sorted()
    change(guest: assignment.target.subject) { guest in
      for connector in connectors { guest.needsAccount(at: connector) }
      return []
    }
    for role in roles { claim(role, by: assignment) }
  }

  private func claim(_ wanted: [ResourceAttribute], by assignment: Assignment) {
    for attribute in wanted {
      guard let value = assignment.value(of: attribute) else { continue }
      let id = attribute.place(of: assignment.target.subject)
      if attributes[id] == nil { add(AccountAttribute(id: id, tenant: assignment.tenant)) }
      let claim = AccountAttribute.Claim(
        value: value, since: assignment.answeredAt, isPersisted: attribute.isPersistedOnAssignmentRemoval)
      change(attribute: id) { $0.claim(claim, by: assignment.id, at: work.now) }
    }
  }
}

extension ResourceAttribute {
  /// Where it is on somebody's accounts.
  fileprivate func place(of guest: UUID) -> AccountAttribute.ID {
    AccountAttribute.ID(guest: guest, connector: originSystem, name: name)
  }
}
