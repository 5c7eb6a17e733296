import EntitlementModel
import Foundation
import Messaging

extension Holdings {
  /// Starts delivering an assignment: its person is (again) a guest, and it claims its roles.
  ///
  /// - Parameter adopts: takes what was there before us under governance.
  func begin(_ assignment: Assignment, roles: [ResourceRole], adopts: Bool = false) {
    let person = assignment.target.subject
    if guests[person] == nil {
      let (guest, events) = Guest.invite(assignment.target, tenant: assignment.tenant)
      add(guest, telling: events)
    }
    change(guest: person) { $0.assignmentBegan(assignment.target) }
    if adopts { change(guest: person) { $0.adopt() } }
    claim(roles, by: assignment)
  }

  /// The assignment's package has other roles now: what is new is claimed, what is gone is released.
  func change(rolesOf assignment: Assignment, to roles: [ResourceRole]) {
    let person = assignment.target.subject
    let wanted = Set(roles.map { Entitlement.ID(guest: person, resource: $0.resource, role: $0.role) })
    for held in self.roles(of: person)
    where held.entitlement.claims.contains(assignment.id) && !wanted.contains(held.id) {
      release(held, by: assignment)
    }
    claim(roles, by: assignment)
  }

  /// Every role that the assignment claims is to be told to its connector again.
  func assertRoles(of assignment: Assignment) {
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
}
