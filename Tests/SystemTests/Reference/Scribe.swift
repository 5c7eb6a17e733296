import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Protocols
import SwiftProtobuf

/// Does what operations say, each with the token of whoever does it, at any copy of a service.
struct Scribe: Sendable {
  let tenant: String
  let world: ReferenceWorld
  let intake: [TestClient]
  let approval: [TestClient]

  private var requests: Vestibule_Api_V1_Requests.Client<TestClient.Transport> {
    intake[.random(in: intake.indices)].requests
  }
  private var approvals: Vestibule_Api_V1_Approvals.Client<TestClient.Transport> {
    approval[.random(in: approval.indices)].approvals
  }

  /// Asks until there is an answer: a service that dies in the middle gives none.
  ///
  /// - Parameter key: makes asking again harmless, where the operation brings none of its own.
  func perform(_ operation: Operation, of citizen: Citizen) async throws -> Answered {
    var attempts = 0
    while true {
      let calledAt = Date()
      do {
        let reply = try await call(operation, citizen)
        return Answered(operation: operation, reply: reply, calledAt: calledAt, isRepeated: attempts > 0)
      } catch let error as RPCError {
        if let refusal = error.refusal, !error.isPassing {
          let codes = refusal.reasons.map { reason in
            let code = reason.code.rawValue
            return Self.withHint.contains(code) ? "\(code) \(reason.hint)" : code
          }
          return Answered(
            operation: operation, reply: .refused(Set(codes)), calledAt: calledAt, isRepeated: attempts > 0)
        }
        attempts += 1
        guard attempts < 600 else { throw error }
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  private static let withHint: Set<String> = ["openRequestExists", "incompatibleAccess"]

  private func call(_ operation: Operation, _ citizen: Citizen) async throws -> Reply {
    switch operation {
    case .submit(let wish): try await submit(wish, citizen)
    case .extend(let change):
      try await reply(
        requests.extend(
          .with {
            ($0.tenant, $0.assignment, $0.idempotencyKey) = (tenant, change.holding, change.key)
            ($0.justification, $0.acceptedTerms) = (change.why, accepted(change.accepts))
          }, metadata: caller(citizen, change.isByAdministrator), options: TestClient.options))
    case .remove(let change):
      try await reply(
        requests.remove(
          .with {
            ($0.tenant, $0.assignment, $0.idempotencyKey) = (tenant, change.holding, change.key)
            $0.justification = change.why
          }, metadata: caller(citizen, change.isByAdministrator), options: TestClient.options))
    case .cancel(let request, let byStranger, let byAdministrator):
      try await reply(
        requests.cancel(
          .with { ($0.tenant, $0.id) = (tenant, request) },
          metadata: byStranger
            ? .bearer(world.stranger(to: citizen).token) : caller(citizen, byAdministrator),
          options: TestClient.options))
    case .decide(let word): try await decide(word)
    case .revoke(let vote, let person): try await revoke(vote, person)
    case .accept(let version): try await accept(version, citizen)
    }
  }

  private func submit(_ wish: Wish, _ citizen: Citizen) async throws -> Reply {
    try await reply(
      requests.submit(
        .with {
          ($0.tenant, $0.accessPackage) = (tenant, world.id("accessPackage", wish.package))
          if let policy = wish.policy { $0.assignmentPolicy = world.id("assignmentPolicy", policy) }
          if wish.isByAdministrator { $0.targetSubject = citizen.id }
          ($0.justification, $0.idempotencyKey) = (wish.why, wish.key)
          $0.acceptedTerms = accepted(wish.accepts)
          if let start = wish.start { $0.schedule.startDateTime = .init(start) }
          if let end = wish.end { $0.schedule.endDateTime = .init(end) }
        }, metadata: caller(citizen, wish.isByAdministrator), options: TestClient.options))
  }

  private func decide(_ word: Word) async throws -> Reply {
    let approver = world.citizen(word.by)
    _ = try await approvals.decide(
      .with {
        ($0.tenant, $0.id, $0.justification) = (tenant, word.vote, word.why)
        $0.verdict = word.isApproval ? .approve : .deny
        $0.stage = Int32(word.stage ?? 0)
        if let end = word.end { $0.endDateTime = .init(end) }
      }, metadata: .bearer(approver.token), options: TestClient.options)
    return .done
  }

  private func revoke(_ vote: String, _ person: String) async throws -> Reply {
    _ = try await approvals.revoke(
      .with { ($0.tenant, $0.id, $0.justification) = (tenant, vote, "It is over") },
      metadata: .bearer(world.citizen(person).token), options: TestClient.options)
    return .done
  }

  private func accept(_ version: Int, _ citizen: Citizen) async throws -> Reply {
    _ = try await intake[.random(in: intake.indices)].terms.accept(
      .with {
        $0.tenant = tenant
        if let terms = accepted(version).first { $0.acceptedTerms = terms }
      }, metadata: .bearer(citizen.token), options: TestClient.options)
    return .done
  }

  private func accepted(_ version: Int?) -> [Vestibule_Model_V1_AcceptedTerms] {
    version.map { version in
      [.with { ($0.terms, $0.version) = (world.id("terms", "house"), Int32(version)) }]
    } ?? []
  }

  private func caller(_ citizen: Citizen, _ isAdministrator: Bool) -> Metadata {
    .bearer(isAdministrator ? world.administrator.token : citizen.token)
  }

  private func reply(_ request: Vestibule_Model_V1_Request) -> Reply {
    .request(id: request.id, createdAt: request.createdAt.date)
  }
}
