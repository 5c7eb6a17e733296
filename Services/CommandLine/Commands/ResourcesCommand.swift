import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct ResourcesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resources",
    abstract: "Resources of catalogs: lists them, and reads again from their connectors what they offer.",
    subcommands: [List.self, Refresh.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows them with their roles, and what the last refresh found.")
    @OptionGroup var office: ResourceOffice

    func run() async throws {
      try await office.open { desk in
        for object in try await desk.list() { Terminal.say("\(object.name)  \(object.resource.line)") }
      }
    }
  }

  struct Refresh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reads again which roles they offer, in the background.",
      discussion: "Roles that are gone stay where packages hold them; `list` says so.")
    @Argument(help: "The resources, by name; none for all.") var names: [String] = []
    @OptionGroup var office: ResourceOffice

    func run() async throws {
      try await office.open { desk in
        let all = try await desk.list()
        for name in names where !all.contains(where: { $0.name == name }) {
          throw Failure.unfinished("there is no resource \(name)")
        }
        let wanted = all.filter { names.isEmpty || names.contains($0.name) }
        Terminal.say("\(try await desk.refresh(wanted.map(\.id))) asked")
      }
    }
  }
}

/// The tenant whose resources are meant, and where the system is.
struct ResourceOffice: ParsableArguments {
  @Option(help: "The tenant, by name.") var tenant: String
  @OptionGroup var address: SystemAddress

  func open(_ body: @Sendable (ResourceDesk) async throws -> Void) async throws {
    let url = try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL")
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    try await withServiceConnection(url) { connection in
      try await body(ResourceDesk(tenant: id, connection: connection, token: token))
    }
  }
}

/// What administrators do with resources.
struct ResourceDesk: Sendable {
  let tenant: UUID
  let connection: ServiceConnection
  let token: String
  private static let atOnce = 1_000

  func list() async throws -> [Vestibule_Model_V1_ConfigurationObject] {
    try await TenantExport(tenant: tenant, connection: connection, token: token).list(.resource)
  }

  /// - Returns: of how many it was asked.
  func refresh(_ ids: [String]) async throws -> Int {
    var asked = 0
    for start in stride(from: 0, to: ids.count, by: Self.atOnce) {
      let page = Array(ids[start..<min(start + Self.atOnce, ids.count)])
      asked += Int(
        try await connection.configuration.refreshResources(
          .with { ($0.tenant, $0.resources) = (tenant.text, page) }, metadata: .bearer(token)
        ).asked)
    }
    return asked
  }
}

extension Vestibule_Model_V1_Resource {
  /// Its half of a list's line.
  fileprivate var line: String {
    var parts = ["\(kind)\(privileged ? ", privileged" : "")", "\(originSystem)/\(originID)"]
    parts.append("roles: \(roles.joined(separator: ", "))")
    if !vanishedRoles.isEmpty {
      parts.append("vanished at its origin, held by packages: \(vanishedRoles.joined(separator: ", "))")
    }
    if !refreshFailure.isEmpty { parts.append("refresh failed: \(refreshFailure)") }
    if hasRefreshedAt { parts.append("refreshed \(refreshedAt.date.formatted(.iso8601))") }
    return parts.joined(separator: "  ")
  }
}
