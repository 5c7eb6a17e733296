import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct OrganizationsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "organizations",
    abstract: "Connected organizations: lists them, configures those that were proposed, ends them.",
    subcommands: [List.self, End.self, Configure.self, Forget.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows them with their states, and how far ends have come.")
    @Option(help: "Only those that are configured, proposed or ended.") var state: String?
    @OptionGroup var office: OrganizationOffice

    func validate() throws {
      if let state, ConnectedOrganization.State(word: state) == nil {
        throw ValidationError("there is no state \(state): configured, proposed and ended are")
      }
    }

    func run() async throws {
      let wanted = state.flatMap(ConnectedOrganization.State.init(word:))
      try await office.open { desk in
        let ends = try await desk.ends()
        for object in try await desk.list() {
          let organization = try ConnectedOrganization(object)
          if let wanted, organization.state != wanted { continue }
          let end = ends[object.id].map { "  ending: \($0.done) done, \($0.left) left" } ?? ""
          Terminal.say("\(object.name)  \(organization.state)  \(organization.displayName)\(end)")
        }
      }
    }
  }

  struct End: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Ends one, or rejects a proposed one: it refuses from now on; what its people asked for and have ends.",
      aliases: ["reject"])
    @Argument(help: "The organization, by name.") var name: String
    @Flag(help: "Only says what would end.") var dryRun = false
    @OptionGroup var office: OrganizationOffice

    func run() async throws {
      try await office.open { desk in
        let organization = try await desk.find(name)
        let answer = try await desk.end(organization, isDryRun: dryRun)
        Terminal.say(
          "\(name): \(answer.requests) requests and \(answer.assignments) assignments of \(answer.guests) people "
            + (dryRun ? "would end" : "end"))
      }
    }
  }

  struct Configure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Approves a proposed one, or opens an ended one again; what has ended stays ended.",
      aliases: ["reopen"])
    @Argument(help: "The organization, by name.") var name: String
    @Option(help: "The name that it shall have.") var rename: String?
    @Option(help: "What people shall read.") var displayName: String?
    @OptionGroup var office: OrganizationOffice

    func run() async throws {
      try await office.open { desk in
        var organization = try await desk.find(name)
        organization.connectedOrganization.state = .configured
        if let rename { organization.name = rename }
        if let displayName { organization.connectedOrganization.displayName = displayName }
        try await desk.put(organization)
        Terminal.say("\(organization.name): configured")
      }
    }
  }

  struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Deletes an ended one, or one that nobody has anything of: its people may ask anew as if unknown.",
      discussion: "One that was rejected goes on refusing until it is reopened, or forgotten.")
    @Argument(help: "The organization, by name.") var name: String
    @OptionGroup var office: OrganizationOffice

    func run() async throws {
      try await office.open { desk in
        try await desk.delete(try await desk.find(name))
        Terminal.say("\(name): forgotten")
      }
    }
  }
}

/// The tenant whose organizations are meant, and where the system is.
struct OrganizationOffice: ParsableArguments {
  @Option(help: "The tenant, by name.") var tenant: String
  @OptionGroup var address: SystemAddress

  func open(_ body: @Sendable (OrganizationDesk) async throws -> Void) async throws {
    let url = try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL")
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    try await withServiceConnection(url) { connection in
      try await body(OrganizationDesk(tenant: id, connection: connection, token: token))
    }
  }
}

/// What administrators do with organizations.
struct OrganizationDesk: Sendable {
  let tenant: UUID
  let connection: ServiceConnection
  let token: String

  func list() async throws -> [Vestibule_Model_V1_ConfigurationObject] {
    try await TenantExport(tenant: tenant, connection: connection, token: token).list(.connectedOrganization)
  }

  func find(_ name: String) async throws -> Vestibule_Model_V1_ConfigurationObject {
    guard let found = try await list().first(where: { $0.name == name }) else {
      throw Failure.unfinished("there is no organization \(name)")
    }
    return found
  }

  func put(_ object: Vestibule_Model_V1_ConfigurationObject) async throws {
    _ = try await connection.configuration.put(.with { $0.object = object }, metadata: .bearer(token))
  }

  func delete(_ object: Vestibule_Model_V1_ConfigurationObject) async throws {
    _ = try await connection.configuration.delete(
      .with { ($0.tenant, $0.id) = (tenant.text, object.id) }, metadata: .bearer(token))
  }

  func end(
    _ organization: Vestibule_Model_V1_ConfigurationObject, isDryRun: Bool
  ) async throws -> Vestibule_Api_V1_EndOrganizationResponse {
    try await connection.organizations.end(
      .with { ($0.tenant, $0.id, $0.dryRun) = (tenant.text, organization.id, isDryRun) },
      metadata: .bearer(token))
  }

  /// The ends that have not come to all people yet, by organization.
  func ends() async throws -> [String: Vestibule_Api_V1_OrganizationEnd] {
    let answer = try await connection.organizations.listEnds(
      .with { $0.tenant = tenant.text }, metadata: .bearer(token))
    return Dictionary(answer.ends.map { ($0.organization, $0) }) { first, _ in first }
  }
}

extension ConnectedOrganization.State {
  fileprivate init?(word: String) {
    switch word {
    case "configured": self = .configured
    case "proposed": self = .proposed
    case "ended": self = .ended
    default: return nil
    }
  }
}
