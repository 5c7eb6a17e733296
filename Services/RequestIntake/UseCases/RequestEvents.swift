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
  func tell(_ events: [AccessRequest.Event], of request: AccessRequest) throws -> Vestibule_Model_V1_Request {
    let message = Vestibule_Model_V1_Request(request, epoch: configuration.epoch)
    for event in events {
      var body = Vestibule_Events_V1_RequestEvent()
      body.request = message
      body.snapshots = snapshots(for: event, of: request)
      try work.tell(event.type, request.id, tenant: request.tenant, number: request.version, body)
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
      case .approved: request.kind.purpose == .add ? [request.accessPackage] : []
      case .denied, .canceled, .delivered, .deliveryFailed: []
      }
    let objects = configuration.tenants[request.tenant]?.objects
    return ids.compactMap { id in id.flatMap { objects?[$0]?.snapshot } }
  }
}

extension AccessRequest.Event {
  var type: EventType {
    switch self {
    case .submitted: .requestSubmitted
    case .approved: .requestApproved
    case .denied: .requestDenied
    case .canceled: .requestCanceled
    case .delivered: .requestDelivered
    case .deliveryFailed: .requestDeliveryFailed
    }
  }
}
