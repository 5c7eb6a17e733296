import Contracts
import EntitlementModel
import Foundation
package import Protocols

/// Erases a service's own personal values of people, set-at-a-time; said again it changes nothing.
package typealias ErasePersonalValues = @Sendable ([ErasedSubject], Work) throws -> Void

/// `subject.erased`: from now on nothing personal of them is kept here, whatever comes late.
package struct FollowErasures: Sendable {
  private let erase: ErasePersonalValues

  package init(_ erase: @escaping ErasePersonalValues) {
    self.erase = erase
  }

  package func callAsFunction(_ events: [Received<Vestibule_Events_V1_SubjectEvent>], _ work: Work) throws {
    let erased = try events.filter { $0.body.subject.hasErasedAt }.map { event in
      ErasedSubject(
        subject: event.aggregate, tenant: event.tenant,
        requests: try Field.ids(event.body.requests, at: "requests"),
        erasedAt: work.now)
    }
    guard !erased.isEmpty else { return }
    try ErasedSubjects(connection: work.connection).note(erased)
    try erase(erased, work)
  }
}
