import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Puts a person under a legal hold, or lifts it: while it stands nothing of the person is erased or forgotten.
struct HoldSubject: Sendable {
  enum Word: Sendable { case set, lift }

  func callAsFunction(
    _ id: UUID, _ word: Word, reason: String, tenant: UUID, principal: Principal, _ work: Work
  ) throws -> Vestibule_Model_V1_Subject {
    try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
    let (table, epoch) = (SubjectTable(connection: work.connection), try work.connection.epoch())
    guard let found = try table.lock([id], tenants: [tenant])[id],
      var subject = try table.withIdentities([found]).first
    else { throw Refusal.notFound }
    if subject.isErased {
      throw Refusal(.subjectErased, "What was known of this person was erased for good.", field: "id")
    }
    let isChanged =
      switch word {
      case .set: subject.hold(because: reason, at: work.now)
      case .lift: subject.liftHold(at: work.now)
      }
    if isChanged {
      try table.save([subject])
      SubjectEvents(epoch: epoch, work: work).record(
        word == .set ? .legalHoldSet : .legalHoldLifted, subject, by: principal.initiator, reason: reason)
    }
    return Vestibule_Model_V1_Subject(subject, epoch: epoch)
  }
}
