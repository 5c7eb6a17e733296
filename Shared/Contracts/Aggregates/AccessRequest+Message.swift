package import EntitlementModel
import Foundation
package import Protocols
import SwiftProtobuf

extension AccessRequest {
  package init(_ message: Vestibule_Model_V1_Request) throws(ContractError) {
    let (schedule, id) = (message.schedule, try Field.id(message.id, at: "id"))
    self.init(
      id: id, tenant: try Field.id(message.tenant, at: "tenant"), version: Int(message.version.number),
      kind: try Kind(message.requestType), update: try Update(message.update),
      state: try State(message.state),
      status: try Status(text: message.status),
      target: try Target(message.target, at: "target"),
      requestor: try Field.id(message.requestor, at: "requestor"),
      accessPackage: try Field.id(message.accessPackage, at: "access_package"),
      assignmentPolicy: try Field.optionalID(message.assignmentPolicy, at: "assignment_policy"),
      organization: try Field.optionalID(message.organization, at: "organization"),
      assignment: try Field.optionalID(message.assignment, at: "assignment") ?? id,
      justification: message.justification, answers: message.answers.map(QuestionAnswer.init),
      terms: try TermsAcceptance(message.termsAcceptance), isFirstStageGiven: message.isFirstStageGiven,
      endReason: try Assignment.EndReason(text: message.endReason),
      adoptsGuest: message.adoptsGuest,
      startsAt: try Field.optionalInstant(
        schedule.hasStartDateTime ? schedule.startDateTime : nil, at: "schedule.start_date_time"),
      term: try Term(message),
      createdAt: try Field.instant(message.hasCreatedAt ? message.createdAt : nil, at: "created_at"),
      completedAt: try Field.optionalInstant(
        message.hasCompletedAt ? message.completedAt : nil, at: "completed_at"),
      reprocessed: Reprocessed(
        redeliveries: Int(message.redeliveries), assertions: Int(message.assertions)))
  }
}

extension Term {
  fileprivate init(_ message: Vestibule_Model_V1_Request) throws(ContractError) {
    self.init(
      duration: try Field.optionalPeriod(message.duration, at: "duration"),
      latestEnd: try Field.optionalInstant(
        message.hasEndDateTime ? message.endDateTime : nil, at: "end_date_time"))
  }
}

extension Vestibule_Model_V1_Request {
  /// The whole public state; `epoch` is that of the schema which owns the request.
  package init(_ request: AccessRequest, epoch: Int) {
    self.init()
    (id, tenant) = (request.id.text, request.tenant.text)
    version = Vestibule_Model_V1_Version(epoch: epoch, number: request.version)
    (requestType, state) = (RequestType(request.kind), State(request.state))
    status = request.status.rawValue
    target = Vestibule_Model_V1_Target(request.target)
    (requestor, accessPackage) = (request.requestor.text, request.accessPackage.text)
    assignmentPolicy = request.assignmentPolicy?.text ?? ""
    organization = request.organization?.text ?? ""
    (assignment, justification) = (request.assignment.text, request.justification)
    (endReason, adoptsGuest) = (request.endReason?.rawValue ?? "", request.adoptsGuest)
    answers = request.answers.map(Vestibule_Model_V1_Answer.init)
    termsAcceptance = TermsAcceptance(request.terms)
    isFirstStageGiven = request.isFirstStageGiven
    redeliveries = Int32(clamping: request.reprocessed.redeliveries)
    assertions = Int32(clamping: request.reprocessed.assertions)
    update = Update(request.update)
    createdAt = Google_Protobuf_Timestamp(request.createdAt)
    if let completed = request.completedAt { completedAt = Google_Protobuf_Timestamp(completed) }
    if let start = request.startsAt { schedule.startDateTime = Google_Protobuf_Timestamp(start) }
    if let end = request.term.latestEnd { endDateTime = Google_Protobuf_Timestamp(end) }
    if let period = request.term.duration { duration = period.iso }
  }
}
