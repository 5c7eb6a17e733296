import EntitlementModel
import Foundation

extension Holdings {
  /// Starts delivering an assignment: its person is (again) a guest, and it claims its roles.
  func begin(_ assignment: Assignment, roles: [ResourceRole]) {
    let person = assignment.target.subject
    if guests[person] == nil {
      let (guest, events) = Guest.invite(assignment.target, tenant: assignment.tenant)
      add(guest, telling: events)
    }
    let connectors = Set(roles.map(\.originSystem)).sorted()
    change(guest: person) { guest in
      let events = guest.assignmentBegan(assignment.target)
      for connector in connectors { guest.needsAccount(at: connector) }
      return events
    }
    for role in roles { claim(role, by: assignment) }
  }
}
