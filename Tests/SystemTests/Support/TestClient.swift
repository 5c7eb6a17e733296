import EntitlementModel
import Contracts
import GRPCCore
import GRPCNIOTransportHTTP2
import GRPCProtobuf
import LocalSystem
import Protocols
import SwiftProtobuf

/// A connection to one copy of a service, made anew whenever that copy comes back; it lives as long as the tests.
final class TestClient: Sendable {
  typealias Transport = HTTP2ClientTransport.Posix
  private let client: GRPCClient<Transport>
  private let running: Task<Void, any Error>

  /// A call that a killed service will never answer ends after this time.
  static let options: CallOptions = {
    var options = CallOptions.defaults
    options.timeout = .seconds(15)
    return options
  }()

  init(_ process: ServiceProcess) throws {
    let client = GRPCClient(
      transport: try Transport(
        target: .dns(host: "127.0.0.1", port: process.grpcPort), transportSecurity: .plaintext))
    self.client = client
    running = Task { try await client.runConnections() }
  }

  deinit {
    client.beginGracefulShutdown()
  }

  var requests: Vestibule_Api_V1_Requests.Client<Transport> { .init(wrapping: client) }
  var terms: Vestibule_Api_V1_TermsOfUse.Client<Transport> { .init(wrapping: client) }
  var assignments: Vestibule_Api_V1_Assignments.Client<Transport> { .init(wrapping: client) }
  var deadlines: Vestibule_Api_V1_Deadlines.Client<Transport> { .init(wrapping: client) }
  var directory: Vestibule_Api_V1_Directory.Client<Transport> { .init(wrapping: client) }
  var approvals: Vestibule_Api_V1_Approvals.Client<Transport> { .init(wrapping: client) }
  var configuration: Vestibule_Api_V1_Configuration.Client<Transport> { .init(wrapping: client) }
  var confirmations: Vestibule_Api_V1_Confirmations.Client<Transport> { .init(wrapping: client) }
  var organizations: Vestibule_Api_V1_Organizations.Client<Transport> { .init(wrapping: client) }
  var subjects: Vestibule_Api_V1_Subjects.Client<Transport> { .init(wrapping: client) }
}

extension Metadata {
  static func bearer(_ token: String) -> Metadata { ["authorization": "Bearer \(token)"] }
}

extension RPCError {
  /// The reasons that the service gave; nil when it was no refusal.
  var refusal: Refusal? {
    guard let status = try? unpackGoogleRPCStatus() else { return nil }
    for detail in status.details {
      guard let packed = detail.any else { continue }
      if let message = try? Vestibule_Model_V1_Refusal(unpackingAny: packed) { return Refusal(message) }
    }
    return nil
  }
}

/// The reasons for which `call` is refused; nil when it is not.
func refusal<Answer>(of call: () async throws -> Answer) async throws -> Refusal? {
  do {
    _ = try await call()
    return nil
  } catch let error as RPCError {
    guard let refusal = error.refusal else { throw error }
    return refusal
  }
}
