package import EntitlementModel
import Foundation
package import Protocols
import SwiftProtobuf

extension Assignment {
  /// An assignment as its owner tells of it: the term, the scheduled start and what is answered
  /// for attributes are not told, the end is.
  package init(_ message: Vestibule_Model_V1_Assignment) throws(ContractError) {
    let summary = try message.summary()
    self.init(
      id: try Field.id(message.id, at: "id"), tenant: try Field.id(message.tenant, at: "tenant"),
      version: Int(message.version.number), state: summary.state,
      target: try Target(message.target, at: "target"),
      accessPackage: try Field.id(message.accessPackage, at: "access_package"),
      assignmentPolicy: try Field.optionalID(message.assignmentPolicy, at: "assignment_policy"),
      organization: try Field.optionalID(message.organization, at: "organization"), term: Term(),
      startsAt: nil,
      deliveredAt: summary.deliveredAt,
      endsAt: try Field.optionalInstant(message.hasEndsAt ? message.endsAt : nil, at: "ends_at"),
      endReason: try EndReason.read(message.endReason),
      endedAt: try Field.optionalInstant(message.hasEndedAt ? message.endedAt : nil, at: "ended_at"),
      failure: summary.failure, answeredRequest: summary.answeredRequest,
      attributeFailure: message.hasAttributeFailure
        ? try Failure(code: message.attributeFailure.code) : nil)
  }
}

extension Vestibule_Model_V1_Assignment {
  /// What a request needs to know of it, without reading the rest.
  package func summary() throws(ContractError) -> Assignment.Summary {
    Assignment.Summary(
      state: try Assignment.State(state),
      deliveredAt: try Field.optionalInstant(hasDeliveredAt ? deliveredAt : nil, at: "delivered_at"),
      answeredRequest: try Field.optionalID(answeredRequest, at: "answered_request"),
      failure: hasFailure ? try Assignment.Failure(code: failure.code) : nil,
      endReason: try Assignment.EndReason.read(endReason))
  }

  /// The whole public state; `epoch` is that of the schema which owns the assignment.
  package init(_ assignment: Assignment, epoch: Int) {
    self.init()
    (id, tenant) = (assignment.id.text, assignment.tenant.text)
    version = Vestibule_Model_V1_Version(epoch: epoch, number: assignment.version)
    state = State(assignment.state)
    target = Vestibule_Model_V1_Target(assignment.target)
    accessPackage = assignment.accessPackage.text
    assignmentPolicy = assignment.assignmentPolicy?.text ?? ""
    organization = assignment.organization?.text ?? ""
    if let delivered = assignment.deliveredAt { deliveredAt = Google_Protobuf_Timestamp(delivered) }
    if let end = assignment.endsAt { endsAt = Google_Protobuf_Timestamp(end) }
    endReason = EndReason(assignment.endReason)
    if let ended = assignment.endedAt { endedAt = Google_Protobuf_Timestamp(ended) }
    if let reason = assignment.failure { failure = Vestibule_Model_V1_Reason(reason) }
    answeredRequest = assignment.answeredRequest?.text ?? ""
    if let reason = assignment.attributeFailure { attributeFailure = Vestibule_Model_V1_Reason(reason) }
  }
}
