import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// Tells what people are now.
struct SubjectEvents {
  let epoch: Int
  let work: Work

  func tell(_ subject: Subject, by initiator: Initiator, reason: String = "") throws {
    try work.tell(
      subject.eventType, subject.id, tenant: subject.tenant, number: subject.version, by: initiator,
      details: subject.details(reason: reason), body(subject))
  }

  /// For readers that lost their copies.
  func tellAgain(_ subject: Subject) throws {
    let requests =
      try subject.isErased
      ? RequestTable(connection: work.connection).all(of: subject.id, tenant: subject.tenant) : []
    try work.tellAgain(
      subject.eventType, subject.id, tenant: subject.tenant, number: subject.version, body(subject, requests))
  }

  /// A change that readers do not act on.
  func record(_ subject: Subject, by initiator: Initiator) {
    work.record(
      .subjectUpdated, of: subject.id, tenant: subject.tenant, number: subject.version, by: initiator,
      details: subject.details())
  }

  /// Tells that what was known of a person was erased, and which requests bore it.
  func tellErased(_ subject: Subject, by initiator: Initiator, requests: [UUID]) throws {
    try work.tell(
      subject.eventType, subject.id, tenant: subject.tenant, number: subject.version, by: initiator,
      details: subject.details(), body(subject, requests))
  }

  /// A change that only administrators of people act on.
  func record(_ action: AuditAction, _ subject: Subject, by initiator: Initiator, reason: String) {
    work.record(
      action, of: subject.id, tenant: subject.tenant, number: subject.version, by: initiator,
      details: AuditDetails(about: subject.id, words: ["reason": reason]))
  }

  /// Why somebody is held is the business of nobody who reads it.
  private func body(_ subject: Subject, _ requests: [UUID] = []) -> Vestibule_Events_V1_SubjectEvent {
    .with {
      $0.subject = Vestibule_Model_V1_Subject(subject, epoch: epoch)
      if $0.subject.hasLegalHold { $0.subject.legalHold.reason = "" }
      $0.requests = requests.map(\.text)
    }
  }
}

extension Subject {
  fileprivate var eventType: EventType { isErased ? .subjectErased : .subjectChanged }

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
