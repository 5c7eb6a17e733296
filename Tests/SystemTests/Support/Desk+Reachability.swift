import Contracts
import GRPCCore
import Protocols
import SwiftProtobuf
import TestSupport

extension Desk {
  /// Waits until every copy answers. After a start or a restart connections come back with a delay, those between
  /// the services among them; and an issuer that one copy was told of is known to the others a little later.
  func awaitAnswers(to sponsor: Caller) async throws {
    for client in intake {
      try await eventually(within: .seconds(60), "request-intake answers") {
        try await answers {
          try await client.requests.list(
            .with { $0.tenant = tenant.text }, metadata: .bearer(sponsor.token), options: TestClient.options)
        }
      }
    }
    for client in approval {
      try await eventually(within: .seconds(60), "approval answers") {
        try await answers {
          try await client.approvals.listPending(
            .with { $0.tenant = tenant.text }, metadata: .bearer(sponsor.token), options: TestClient.options)
        }
      }
    }
  }

  private static let passing: Set<RPCError.Code> = [.unavailable, .deadlineExceeded, .unauthenticated]

  private func answers<Answer>(_ call: () async throws -> Answer) async throws -> Bool {
    do {
      _ = try await call()
      return true
    } catch let error as RPCError where Self.passing.contains(error.code) {
      return false
    }
  }
}
