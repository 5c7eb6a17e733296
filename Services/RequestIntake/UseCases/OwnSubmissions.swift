import EntitlementModel
import Foundation
import Identity
import Postgres

/// Which of a batch's submissions are for whoever asks, by another of their identities or by their own address: nobody
/// is their own administrator.
struct OwnSubmissions {
  /// The person whom each caller is, where administrators have linked them.
  private let persons: [UUID: UUID]

  init(_ items: some Sequence<Submission>, _ connection: Connection) throws {
    let asking = items.filter { $0.asker != .oneself }
    let callers = Set(asking.compactMap(\.principal.subject))
    persons =
      callers.isEmpty
      ? [:]
      : try SubjectTable(connection: connection).find(callers, tenants: Set(asking.map(\.tenant)))
        .compactMapValues(\.person)
  }

  /// The submission, asked for oneself if its person is the caller.
  func judged(_ item: Submission, for person: Subject) throws(Refusal) -> Submission {
    guard item.asker != .oneself, isOwn(item.principal, person) else { return item }
    if item.adoptsGuest { throw .selfAdoption }
    var own = item
    own.asker = .oneself
    return own
  }

  private func isOwn(_ principal: Principal, _ person: Subject) -> Bool {
    if principal.isSubject(person.id) { return true }
    if let person = person.person, person == principal.subject.flatMap({ persons[$0] }) { return true }
    return principal.email.map { !$0.isEmpty && SubjectTable.key(ofEmail: $0) == person.emailKey } ?? false
  }
}

extension Subject {
  fileprivate var emailKey: String { SubjectTable.key(ofEmail: email) }
}
