package import Foundation

/// Who made a change happen, for the record.
package struct Initiator: Sendable, Hashable {
  /// Nil for the system, and for who is signed in and not known as a person.
  package let subject: UUID?
  /// The role that it was done in: one of the field's, `person`, `approver`, `operator` or `system`.
  package let role: String
  /// How somebody signs in who is not known as a person: nobody stays unnamed.
  package let signIn: String

  package init(subject: UUID?, role: String, signIn: String = "") {
    (self.subject, self.role, self.signIn) = (subject, role, signIn)
  }

  /// What follows from an earlier change, or from the clock.
  package static let system = Initiator(subject: nil, role: "system")

  package static func approver(_ subject: UUID) -> Initiator {
    Initiator(subject: subject, role: "approver")
  }
}
