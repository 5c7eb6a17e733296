import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// Tells facts about requests, with the configuration that readers need to act on them.
struct RequestEvents {
  let configuration: LoadedConfiguration
  let work: Work

  /// Tells them and returns the message that says what the request is now.
  @discardableResult
  func tell(
    _ events: [AccessRequest.Event], of request: AccessRequest, by initiator: Initiator
  ) throws -> Vestibule_Model_V1_Request {
    let details = request.details
    if events.isEmpty, let silent = request.silentAction {
      work.record(
        silent, of: request.id, tenant: request.tenant, number: request.version, by: initiator,
        details: details)
    }
    return try tell(events, of: request) { event, body in
      try work.tell(
        event.type, request.id, tenant: request.tenant, number: request.version, by: initiator,
        details: details, body)
    }
  }

  /// Tells readers again what stands.
  func tellAgain(_ events: [AccessRequest.Event], of request: AccessRequest) throws {
    _ = try tell(events, of: request) { event, body in
      try work.tellAgain(event.type, request.id, tenant: request.tenant, number: request.version, body)
    }
  }

  private func tell(
    _ events: [AccessRequest.Event], of request: AccessRequest,
    _ say: (AccessRequest.Event, Vestibule_Events_V1_RequestEvent) throws -> Void
  ) throws -> Vestibule_Model_V1_Request {
    let message = Vestibule_Model_V1_Request(request, epoch: configuration.epoch)
    for event in events {
      var body = Vestibule_Events_V1_RequestEvent()
      body.request = message
      body.snapshots = snapshots(for: event, of: request)
      try say(event, body)
    }
    return message
  }

  /// Approval judges by policy and organization, provisioning delivers a package.
  private func snapshots(
    for event: AccessRequest.Event, of request: AccessRequest
  ) -> [Vestibule_Events_V1_Snapshot] {
    let ids: [UUID?] =
      switch event {
      case .submitted: [request.assignmentPolicy, request.organization]
      case .approved: request.purpose == .add ? [request.accessPackage] : []
      case .scheduled, .denied, .canceled, .delivered, .deliveryFailed: []
      }
    let objects = configuration.tenants[request.tenant]?.objects
    return ids.compactMap { id in id.flatMap { objects?[$0]?.snapshot } }
  }
}

extension AccessRequest {
  /// What the audit says of it: who asked and why is said once, when it comes in.
  fileprivate var details: AuditDetails {
    let codes = [
      "kind": kind.rawValue, "state": state.rawValue, "status": status.rawValue,
      "target": target.subject.text, "requestor": requestor.text, "accessPackage": accessPackage.text,
      "assignmentPolicy": assignmentPolicy?.text ?? "", "organization": organization?.text ?? "",
      "assignment": assignment.text,
    ]
    guard version == 1 else { return AuditDetails(codes) }
    var words = ["email": target.email, "displayName": target.displayName, "justification": justification]
    for answer in answers { words["answer.\(answer.question)"] = answer.values.joined(separator: "\n") }
    return AuditDetails(codes, about: target.subject, words: words)
  }

  /// What is recorded where there is nothing to be told.
  fileprivate var silentAction: AuditAction? {
    switch state {
    case .partiallyDelivered: .requestPartiallyDelivered
    case .pendingApproval: isRenewal ? .requestRenews : nil
    case .scheduled, .delivering, .delivered, .deliveryFailed, .denied, .canceled: nil
    }
  }
}

extension AccessRequest.Event {
  var type: EventType {
    switch self {
    case .submitted: .requestSubmitted
    case .scheduled: .requestScheduled
    case .approved: .requestApproved
    case .denied: .requestDenied
    case .canceled: .requestCanceled
    case .delivered: .requestDelivered
    case .deliveryFailed: .requestDeliveryFailed
    }
  }
}
