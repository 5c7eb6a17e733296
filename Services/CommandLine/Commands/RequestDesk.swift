import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Protocols
import SwiftProtobuf

/// The tenant whose requests and assignments are meant, and where the system is.
struct RequestOffice: ParsableArguments {
  @Option(help: "The tenant, by name.") var tenant: String
  @OptionGroup var address: SystemAddress

  func open(_ body: @Sendable (RequestDesk) async throws -> Void) async throws {
    let urls = try ["REQUEST_INTAKE", "APPROVAL", "PROVISIONING"].map {
      try address.value("VESTIBULE_\($0)_GRPC_URL")
    }
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    try await withServiceConnection(urls[0]) { intake in
      try await withServiceConnection(urls[1]) { approval in
        try await withServiceConnection(urls[2]) { provisioning in
          try await body(
            RequestDesk(
              tenant: id, intake: intake, approval: approval, provisioning: provisioning, token: token))
        }
      }
    }
  }
}

/// What people do with requests and what comes of them.
struct RequestDesk: Sendable {
  let tenant: UUID
  let intake: ServiceConnection
  let approval: ServiceConnection
  let provisioning: ServiceConnection
  let token: String

  var names: ObjectNames { ObjectNames(tenant: tenant) }

  /// The id of somebody who is named by address or id.
  func person(_ name: String) async throws -> String {
    let found = try await intake.subjectIDs(of: [name], tenant: tenant, token: token)
    guard let first = found.first, found.count == 1 else {
      throw Failure.unfinished(
        "several have the address \(name): name one of \(found.joined(separator: " "))")
    }
    return first
  }

  /// Everybody's requests in these states.
  func requests(in states: [AccessRequest.State]) async throws -> [Vestibule_Model_V1_Request] {
    var (found, request) = ([Vestibule_Model_V1_Request](), Vestibule_Api_V1_ListRequestsRequest())
    (request.tenant, request.all, request.page.pageSize) = (tenant.text, true, 1_000)
    request.states = states.map { .init($0) }
    repeat {
      let page = try await intake.requests.list(request, metadata: .bearer(token))
      found += page.requests
      request.page.pageToken = page.nextPageToken
    } while !request.page.pageToken.isEmpty
    return found
  }

  /// Everybody's assignments in these states.
  func assignments(in states: Set<String>) async throws -> [Vestibule_Model_V1_Assignment] {
    var (found, request) = ([Vestibule_Model_V1_Assignment](), Vestibule_Api_V1_ListAssignmentsRequest())
    (request.tenant, request.all, request.page.pageSize) = (tenant.text, true, 1_000)
    repeat {
      let page = try await provisioning.assignments.list(request, metadata: .bearer(token))
      found += page.assignments.filter { states.contains("\($0.state)") }
      request.page.pageToken = page.nextPageToken
    } while !request.page.pageToken.isEmpty
    return found
  }

  func submit(
    _ request: Vestibule_Api_V1_SubmitRequest, for target: String?
  ) async throws -> Vestibule_Model_V1_Request {
    try await intake.requests.submit(request.about(target), metadata: .bearer(token))
  }

  func submit(
    _ request: Vestibule_Api_V1_SubmitRequest, forAll targets: [String]
  ) async throws -> [Vestibule_Api_V1_SubmitResult] {
    try await intake.requests.submitMany(metadata: .bearer(token)) { writer in
      for target in targets { try await writer.write(request.about(target)) }
    }.results
  }

  /// A request with its approval and its assignment, as far as there are any that the caller may see.
  func history(of id: String) async throws -> RequestHistory {
    let request = try await intake.requests.get(
      .with { ($0.tenant, $0.id) = (tenant.text, id) }, metadata: .bearer(token))
    let approval = try await ifVisible {
      try await self.approval.approvals.get(
        .with { ($0.tenant, $0.id) = (tenant.text, id) }, metadata: .bearer(token))
    }
    let assignment = try await ifVisible {
      try await provisioning.assignments.get(
        .with { ($0.tenant, $0.id) = (tenant.text, request.assignment) }, metadata: .bearer(token)
      ).assignment
    }
    return RequestHistory(request: request, approval: approval, assignment: assignment)
  }

  /// Nil for what is not there, or the caller may not see.
  private func ifVisible<Found: Sendable>(_ look: @Sendable () async throws -> Found) async throws -> Found? {
    do {
      return try await look()
    } catch let error as RPCError {
      switch Failure.refusal(in: error)?.reasons.first?.code {
      case .notFound, .forbidden: return nil
      default: throw error
      }
    }
  }
}

extension Vestibule_Api_V1_SubmitRequest {
  /// The same for somebody else, by address or id; nil for the caller.
  fileprivate func about(_ target: String?) -> Self {
    var request = self
    guard let target else { return request }
    if UUID(text: target) != nil { request.targetSubject = target } else { request.targetEmail = target }
    return request
  }
}

/// What happened to a request.
struct RequestHistory: Sendable {
  let request: Vestibule_Model_V1_Request
  let approval: Vestibule_Model_V1_Approval?
  let assignment: Vestibule_Model_V1_Assignment?

  var lines: [String] {
    var lines = [request.line]
    if !request.justification.isEmpty { lines.append("  «\(request.justification)»") }
    for answer in request.answers {
      lines.append("  \(answer.question): \(answer.values.joined(separator: ", "))")
    }
    return lines + timeline.sorted { $0.at < $1.at }.map { "\($0.at.formatted(.iso8601))  \($0.what)" }
  }

  func json() throws -> [String] {
    try [request.jsonString()] + [approval?.jsonString(), assignment?.jsonString()].compactMap(\.self)
  }

  private var timeline: [(at: Date, what: String)] {
    var events = [(request.createdAt.date, "asked: \(request.requestType)")]
    if request.schedule.hasStartDateTime {
      events.append((request.schedule.startDateTime.date, "scheduled start"))
    }
    for (number, stage) in (approval?.stages ?? []).enumerated() {
      if stage.hasOpenedAt { events.append((stage.openedAt.date, "stage \(number + 1) opened")) }
      for decision in stage.decisions {
        events.append(
          (decision.decidedAt.date, "stage \(number + 1): \(decision.verdict) by \(decision.decidedBy)"))
      }
    }
    if let approval, approval.hasRevocation {
      events.append((approval.revocation.revokedAt.date, "approval taken back"))
    }
    if request.hasCompletedAt { events.append((request.completedAt.date, "done: \(request.status)")) }
    if let assignment {
      if assignment.hasDeliveredAt { events.append((assignment.deliveredAt.date, "delivered")) }
      if assignment.hasEndedAt {
        events.append((assignment.endedAt.date, "access ended: \(assignment.endReason)"))
      } else if assignment.hasEndsAt {
        events.append((assignment.endsAt.date, "access ends"))
      }
    }
    return events.map { (at: $0.0, what: $0.1) }
  }
}
