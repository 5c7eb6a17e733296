import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Protocols

/// A connection to one service, open as long as `body` of `withServiceConnection` runs.
struct ServiceConnection: Sendable {
  let client: GRPCClient<HTTP2ClientTransport.Posix>

  var configuration: Vestibule_Api_V1_Configuration.Client<HTTP2ClientTransport.Posix> {
    .init(wrapping: client)
  }
  var principals: Vestibule_Api_V1_Principals.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }
  var subjects: Vestibule_Api_V1_Subjects.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }
  var requests: Vestibule_Api_V1_Requests.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }
  var terms: Vestibule_Api_V1_TermsOfUse.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }
  var approvals: Vestibule_Api_V1_Approvals.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }
  var organizations: Vestibule_Api_V1_Organizations.Client<HTTP2ClientTransport.Posix> {
    .init(wrapping: client)
  }
  var assignments: Vestibule_Api_V1_Assignments.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }
  var guests: Vestibule_Api_V1_Guests.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }
  var confirmations: Vestibule_Api_V1_Confirmations.Client<HTTP2ClientTransport.Posix> {
    .init(wrapping: client)
  }
  var notices: Vestibule_Api_V1_Notices.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }
  var audit: Vestibule_Api_V1_Audit.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }
  var operations: Vestibule_Api_V1_Operations.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }
}

/// - Parameter url: `http://host:port`, or `https://` with the system's trust roots.
func withServiceConnection<Result: Sendable>(
  _ url: String, _ body: @Sendable (ServiceConnection) async throws -> Result
) async throws -> Result {
  try await withServiceConnections(url, count: 1) { try await body($0[0]) }
}

/// Several connections to the same service, for many calls at once.
func withServiceConnections<Result: Sendable>(
  _ url: String, count: Int, _ body: @Sendable ([ServiceConnection]) async throws -> Result
) async throws -> Result {
  guard let parts = URLComponents(string: url), let host = parts.host, let port = parts.port else {
    throw Failure.unfinished("\(url) is no address of a service: http://host:port is")
  }
  let connections = try (0..<count).map { _ in
    ServiceConnection(
      client: GRPCClient(
        transport: try .http2NIOPosix(
          target: .dns(host: host, port: port), transportSecurity: parts.scheme == "https" ? .tls : .plaintext
        )))
  }
  return try await withThrowingTaskGroup(of: Void.self) { group in
    for connection in connections { group.addTask { try await connection.client.runConnections() } }
    defer { for connection in connections { connection.client.beginGracefulShutdown() } }
    return try await body(connections)
  }
}

extension Metadata {
  static func bearer(_ token: String) -> Metadata { ["authorization": "Bearer \(token)"] }
}
