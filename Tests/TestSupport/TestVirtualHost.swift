import Foundation
import LocalSystem

/// A virtual host for one test: its exchanges and queues meet no other test's.
package struct TestVirtualHost: Sendable {
  package let name: String
  /// The administrator's address; `amqp://user:password@host:port/name`.
  package let url: String
  private let server: RabbitMQServer?

  /// A fresh one on the run's own node. With `VESTIBULE_TEST_AMQP_URL` set it is the virtual host named there,
  /// which all tests then share.
  package static func make() async throws -> TestVirtualHost {
    if let url = ProcessInfo.processInfo.environment["VESTIBULE_TEST_AMQP_URL"] {
      let path = URLComponents(string: url)?.path ?? "/"
      return TestVirtualHost(name: String(path.dropFirst()), url: url, server: nil)
    }
    let server = try await TestServers.shared.rabbitMQ()
    let name = "test-" + UUID().uuidString.lowercased()
    try await server.addVirtualHost(name)
    return TestVirtualHost(name: name, url: server.url(virtualHost: name), server: server)
  }

  /// Removes it with all its queues. Virtual hosts of the run's own node need no removing.
  package func remove() async throws {
    try await server?.removeVirtualHost(name)
  }
}
