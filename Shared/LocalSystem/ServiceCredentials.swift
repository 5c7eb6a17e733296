import Foundation
import Messaging

/// The names and passwords with which one service meets the database and the broker.
struct ServiceCredentials: Sendable {
  let service: ServiceName
  let ownerPassword: String
  let rolePassword: String
  let brokerPassword: String

  /// - Parameter directory: where the passwords are kept from start to start.
  init(_ service: ServiceName, directory: URL) throws {
    func kept(_ purpose: String) throws -> String {
      try Secret.kept(in: directory.appending(path: "\(service.rawValue).\(purpose)"))
    }
    (ownerPassword, rolePassword) = (try kept("owner"), try kept("role"))
    (brokerPassword, self.service) = (try kept("broker"), service)
  }

  var ownerRole: String { "vestibule_\(service.schema)_owner" }
  var role: String { "vestibule_\(service.schema)" }
  var brokerUser: String { "vestibule-\(service.rawValue)" }

  /// The service's schemas, its own first.
  var schemas: [String] {
    switch service {
    case .requestIntake, .approval, .expiry: [service.schema]
    case .provisioning: [service.schema, "directory"]
    }
  }

  /// It may publish to the events' exchange and, for dead letters, to a queue by name; and read its own queues.
  var brokerPermissions: (write: String, read: String) {
    func pattern(_ names: [String]) -> String {
      "^(" + names.map { $0.replacing(".", with: "\\.") }.joined(separator: "|") + ")$"
    }
    return (
      pattern([Topology.exchange, "amq.default"]), pattern([service.queue, service.deadLetterQueue])
    )
  }
}
