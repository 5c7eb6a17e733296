package import EntitlementModel
import Foundation
package import Protocols
import SwiftProtobuf

extension Subject {
  package init(_ message: Vestibule_Model_V1_Subject) throws(ContractError) {
    self.init(
      id: try Field.id(message.id, at: "id"), tenant: try Field.id(message.tenant, at: "tenant"),
      version: Int(message.version.number), name: message.name, email: message.email,
      displayName: message.displayName, kind: try Kind(message.kind),
      identities: try Field.each(message.identities, at: "identities") { identity throws(ContractError) in
        try Identity(identity)
      },
      organization: try Field.optionalID(message.organization, at: "organization"),
      bar: message.hasBar
        ? try Field.within("bar") { () throws(ContractError) in try Bar(message.bar) } : nil,
      leftAt: try Field.optionalInstant(message.hasLeftAt ? message.leftAt : nil, at: "left_at"),
      manager: try Field.optionalID(message.manager, at: "manager"),
      sponsors: try Field.ids(message.sponsors, at: "sponsors"),
      person: try Field.optionalID(message.person, at: "person"),
      cutOffAt: try Field.optionalInstant(message.hasCutOffAt ? message.cutOffAt : nil, at: "cut_off_at"),
      sessionsNotBefore: try Field.optionalInstant(
        message.hasSessionsNotBefore ? message.sessionsNotBefore : nil, at: "sessions_not_before"),
      mergedInto: try Field.optionalID(message.mergedInto, at: "merged_into"),
      legalHold: message.hasLegalHold
        ? try Field.within("legal_hold") { () throws(ContractError) in try LegalHold(message.legalHold) }
        : nil,
      erasedAt: try Field.optionalInstant(message.hasErasedAt ? message.erasedAt : nil, at: "erased_at"),
      isEmailClaimed: message.emailClaimed)
  }
}

extension LegalHold {
  package init(_ message: Vestibule_Model_V1_LegalHold) throws(ContractError) {
    self.init(
      reason: message.reason, setAt: try Field.instant(message.setAt, at: "set_at"),
      liftedAt: try Field.optionalInstant(message.hasLiftedAt ? message.liftedAt : nil, at: "lifted_at"))
  }
}

extension Vestibule_Model_V1_LegalHold {
  package init(_ hold: LegalHold) {
    self.init()
    (reason, setAt) = (hold.reason, Google_Protobuf_Timestamp(hold.setAt))
    if let lifted = hold.liftedAt { liftedAt = Google_Protobuf_Timestamp(lifted) }
  }
}

extension Identity {
  package init(_ message: Vestibule_Model_V1_Identity) throws(ContractError) {
    if message.issuer.isEmpty { throw Field.required("issuer", "the issuer that signs the person in") }
    if message.subject.isEmpty { throw Field.required("subject", "the issuer's stable id of the person") }
    self.init(issuer: message.issuer, subject: message.subject)
  }
}

extension Subject.Bar {
  package init(_ message: Vestibule_Model_V1_Bar) throws(ContractError) {
    self.init(
      reason: message.reason,
      until: try Field.optionalInstant(message.hasUntil ? message.until : nil, at: "until"))
  }
}

extension Subject.Kind {
  package init(_ message: Vestibule_Model_V1_Subject.Kind) throws(ContractError) {
    switch message {
    case .external: self = .external
    case .member: self = .member
    case .UNRECOGNIZED: throw Field.outOfRange("kind", ["external", "member"])
    }
  }
}

extension Vestibule_Model_V1_Subject {
  /// The whole public state; `epoch` is that of the schema which owns the subject.
  package init(_ subject: Subject, epoch: Int) {
    self.init()
    (id, tenant) = (subject.id.text, subject.tenant.text)
    version = Vestibule_Model_V1_Version(epoch: epoch, number: subject.version)
    (name, email, displayName) = (subject.name, subject.email, subject.displayName)
    emailClaimed = subject.isEmailClaimed
    kind = Kind(subject.kind)
    identities = subject.identities.map(Vestibule_Model_V1_Identity.init)
    organization = subject.organization?.text ?? ""
    if let standing = subject.bar { bar = Vestibule_Model_V1_Bar(standing) }
    if let left = subject.leftAt { leftAt = Google_Protobuf_Timestamp(left) }
    (manager, sponsors) = (subject.manager?.text ?? "", subject.sponsors.map(\.text))
    (person, mergedInto) = (subject.person?.text ?? "", subject.mergedInto?.text ?? "")
    if let cut = subject.cutOffAt { cutOffAt = Google_Protobuf_Timestamp(cut) }
    if let start = subject.sessionsNotBefore { sessionsNotBefore = Google_Protobuf_Timestamp(start) }
    if let hold = subject.legalHold { legalHold = Vestibule_Model_V1_LegalHold(hold) }
    if let erased = subject.erasedAt { erasedAt = Google_Protobuf_Timestamp(erased) }
  }
}

extension Vestibule_Model_V1_Identity {
  package init(_ identity: Identity) {
    self.init()
    (issuer, subject) = (identity.issuer, identity.subject)
  }
}

extension Vestibule_Model_V1_Bar {
  package init(_ bar: Subject.Bar) {
    self.init()
    reason = bar.reason
    if let end = bar.until { until = Google_Protobuf_Timestamp(end) }
  }
}

extension Vestibule_Model_V1_Subject.Kind {
  package init(_ kind: Subject.Kind) {
    switch kind {
    case .external: self = .external
    case .member: self = .member
    }
  }
}
