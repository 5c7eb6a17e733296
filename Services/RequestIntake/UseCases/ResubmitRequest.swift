import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres

/// Says again what a request said that came to nothing.
struct ResubmitRequest: Sendable {
  let store: ConfigurationStore

  /// - Returns: what is to be submitted; it is judged like any other.
  func callAsFunction(
    _ id: UUID, tenant: UUID, principal: Principal, on connection: Connection
  ) throws -> Submission {
    let configuration = try store.load([tenant], on: connection)
    guard let stored = try RequestTable(connection: connection).find([id], tenants: [tenant])[id],
      AssignmentAccess.mayRead(principal, stored.request, configuration)
    else { throw Refusal.notFound }
    let request = stored.request
    guard request.purpose == .add, request.mayBeAskedAnew else {
      throw Refusal(
        .notResubmittable, "Only what was denied, canceled or not delivered is asked for anew.", field: "id",
        hint: "\(request.kind.rawValue) \(request.state.rawValue)")
    }
    // An end that was chosen stands alone; any other follows from the policy as it is now.
    let chosenEnd = hasChosenEnd(request, configuration) ? request.term.latestEnd : nil
    let isOwn = principal.isSubject(request.target.subject)
    return Submission(
      principal: principal, tenant: tenant, accessPackage: request.accessPackage,
      assignmentPolicy: request.assignmentPolicy, targetSubject: isOwn ? nil : request.target.subject,
      justification: request.justification, answers: request.answers, startsAt: request.startsAt,
      end: chosenEnd.map { .at($0) })
  }

  private func hasChosenEnd(_ request: AccessRequest, _ configuration: LoadedConfiguration) -> Bool {
    guard request.kind.purpose == .add, request.term.duration == nil else { return false }
    let policies = configuration.tenants[request.tenant]?.policies
    switch request.assignmentPolicy.flatMap({ policies?[$0] })?.expiration {
    case .at: return false
    case .after, .never, nil: return true
    }
  }
}

extension AccessRequest {
  fileprivate var mayBeAskedAnew: Bool {
    switch state {
    case .denied, .canceled, .deliveryFailed: true
    case .pendingApproval, .scheduled, .delivering, .partiallyDelivered, .delivered: false
    }
  }
}
