import Contracts
import EntitlementModel
import Messaging
import Protocols
import SwiftProtobuf

/// Tells what people are now.
struct SubjectEvents {
  let epoch: Int
  let work: Work

  func tell(_ subject: Subject, by initiator: Initiator, reason: String = "") throws {
    try work.tell(
      .subjectChanged, subject.id, tenant: subject.tenant, number: subject.version, by: initiator,
      details: subject.details(reason: reason), body(subject))
  }

  /// For readers that lost their copies.
  func tellAgain(_ subject: Subject) throws {
    try work.tellAgain(
      .subjectChanged, subject.id, tenant: subject.tenant, number: subject.version, body(subject))
  }

  /// A change that readers do not act on.
  func record(_ subject: Subject, by initiator: Initiator) {
    work.record(
      .subjectUpdated, of: subject.id, tenant: subject.tenant, number: subject.version, by: initiator,
      details: subject.details())
  }

  private func body(_ subject: Subject) -> Vestibule_Events_V1_SubjectEvent {
    .with { $0.subject = Vestibule_Model_V1_Subject(subject, epoch: epoch) }
  }
}

extension Subject {
  fileprivate func details(reason: String = "") -> AuditDetails {
    AuditDetails(
      [
        "kind": kind.rawValue, "organization": organization?.text ?? "",
        "barred": bar == nil ? "" : "true", "left": leftAt == nil ? "" : "true",
        "person": person?.text ?? "", "mergedInto": mergedInto?.text ?? "",
      ], about: id,
      words: [
        "name": name, "email": email, "displayName": displayName, "barReason": bar?.reason ?? "",
        "reason": reason,
        "identities": identities.map { "\($0.issuer) \($0.subject)" }.joined(separator: "\n"),
      ])
  }
}
