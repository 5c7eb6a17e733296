import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct ConfirmationsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirmations",
    abstract: "Changes that wait for a second administrator: lists, confirms, rejects them.",
    discussion: "Needs VESTIBULE_TOKEN of another administrator than the one who asked, or a local system.",
    subcommands: [List.self, Show.self, Confirm.self, Reject.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows what waits, oldest first.")
    @Flag(help: "Also what was decided or has expired.") var all = false
    @OptionGroup var office: ConfirmationOffice

    func run() async throws {
      try await office.open { desk in
        let found = try await desk.list(all: all)
        for confirmation in found { Terminal.say(confirmation.line) }
        if found.isEmpty { Terminal.say("nothing waits") }
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says what one would do as things are now: the dry run.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var office: ConfirmationOffice

    func run() async throws {
      try await office.open { desk in
        let confirmation = try await desk.get(id)
        Terminal.say(confirmation.line)
        for person in confirmation.sample { Terminal.say("  \(person)") }
        Terminal.say(try confirmation.change.jsonString())
      }
    }
  }

  struct Confirm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Confirms one; it takes effect at once.")
    @Argument(help: "Its id.") var id: String
    @Option(help: "How many people the dry run (`show`) said, if it concerns any.") var people: Int64 = 0
    @OptionGroup var office: ConfirmationOffice

    func run() async throws {
      try await office.open { desk in
        let confirmation = try await desk.confirm(id, people: people)
        guard confirmation.state == .confirmed else {
          throw Failure.unfinished("what it is about changed meanwhile; ask for the change again")
        }
        Terminal.say(confirmation.line)
      }
    }
  }

  struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Rejects one; whoever asked takes it back with this.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var office: ConfirmationOffice

    func run() async throws {
      try await office.open { desk in Terminal.say(try await desk.reject(id).line) }
    }
  }
}

/// The tenant whose confirmations are meant, and where the system is.
struct ConfirmationOffice: ParsableArguments {
  @Option(help: "The tenant, by name.") var tenant: String
  @OptionGroup var address: SystemAddress

  func open(_ body: @Sendable (ConfirmationDesk) async throws -> Void) async throws {
    let url = try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL")
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    try await withServiceConnection(url) { connection in
      try await body(ConfirmationDesk(tenant: id, connection: connection, token: token))
    }
  }
}

/// What administrators do with confirmations.
struct ConfirmationDesk: Sendable {
  let tenant: UUID
  let connection: ServiceConnection
  let token: String

  func list(all: Bool) async throws -> [Vestibule_Model_V1_PendingConfirmation] {
    var (found, request) = (
      [Vestibule_Model_V1_PendingConfirmation](), Vestibule_Api_V1_ListConfirmationsRequest()
    )
    (request.tenant, request.all, request.page.pageSize) = (tenant.text, all, 1_000)
    repeat {
      let page = try await connection.confirmations.list(request, metadata: .bearer(token))
      found += page.confirmations
      request.page.pageToken = page.nextPageToken
    } while !request.page.pageToken.isEmpty
    return found
  }

  func get(_ id: String) async throws -> Vestibule_Model_V1_PendingConfirmation {
    try await connection.confirmations.get(
      .with { ($0.tenant, $0.id) = (tenant.text, id) }, metadata: .bearer(token))
  }

  func confirm(_ id: String, people: Int64) async throws -> Vestibule_Model_V1_PendingConfirmation {
    try await connection.confirmations.confirm(
      .with { ($0.tenant, $0.id, $0.people) = (tenant.text, id, people) }, metadata: .bearer(token))
  }

  func reject(_ id: String) async throws -> Vestibule_Model_V1_PendingConfirmation {
    try await connection.confirmations.reject(
      .with { ($0.tenant, $0.id) = (tenant.text, id) }, metadata: .bearer(token))
  }
}

extension Vestibule_Model_V1_PendingConfirmation {
  /// One line for a list.
  fileprivate var line: String {
    var effects: [String] = []
    if !widens.isEmpty { effects.append("widens: \(widens.joined(separator: ", "))") }
    if people > 0 { effects.append("concerns \(people) people") }
    let asked =
      "\(id)  \(state)  \(what)  \(effects.joined(separator: "; "))  asked by \(askedBy.name) at \(askedAt.text)"
    switch state {
    case .pending: return "\(asked), until \(expiresAt.text)"
    case .expired: return "\(asked), expired at \(decidedAt.text)"
    case .confirmed, .rejected, .void, .UNRECOGNIZED:
      return "\(asked), decided by \(decidedBy.name) at \(decidedAt.text)"
    }
  }

  private var what: String {
    switch change.change {
    case .put(let object): "save \(object.kind.text) \(object.name)"
    case .delete: "delete \(object)"
    case .endOrganization: "end organization \(object)"
    case .removeAssignments(let list): "remove \(list.removals.count) assignments"
    case .cancelRequests(let list): "cancel \(list.requests.count) requests"
    case .revokeApprovals(let list): "end what \(list.revocations.count) revoked approvals gave"
    case .adoptGuests(let list): "adopt \(list.adoptions.count) people until an end within 14 days"
    case .endSubject: "end subject \(object)"
    case .cutOffSubject: "cut off subject \(object)"
    case .eraseSubject: "erase subject \(object)"
    case .putSubjects(let list): "bar \(list.subjects.count) people"
    case nil: "nothing"
    }
  }
}

extension Vestibule_Model_V1_Administrator {
  fileprivate var name: String { subject.isEmpty ? externalSubject : subject }
}

extension Google_Protobuf_Timestamp {
  fileprivate var text: String { date.formatted(.iso8601) }
}
