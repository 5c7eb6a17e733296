import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct GuestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "guest",
    abstract: "Guests: why and when they go, and whether they are governed.",
    subcommands: [Show.self, Govern.self, Release.self, Zombies.self, Retimings.self, Notices.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Says why and when a guest will go.")
    @Argument(help: "The guest's address, or id.") var guest: String
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        for id in try await desk.ids([guest]) {
          Terminal.say(GuestText.of(try await desk.outlook(id)))
        }
      }
    }
  }

  struct Govern: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Puts guests under governance: from now on they go when their last access does.")
    @Argument(help: "The guests' addresses, or ids.") var guests: [String]
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.set(.governed, guests)
    }
  }

  struct Release: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Takes guests out of governance: nothing happens to them by itself any more.")
    @Argument(help: "The guests' addresses, or ids.") var guests: [String]
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.set(.notGoverned, guests)
    }
  }

  struct Zombies: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists governed guests who should have gone and have not: there must be none.")
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        let found = try await desk.zombies()
        for id in found { Terminal.say(id) }
        Terminal.say(found.isEmpty ? "no zombies" : "\(found.count) zombies")
      }
    }
  }

  struct Notices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists what a person was told, about which end, and when.")
    @Argument(help: "The person's address, or id.") var person: String
    @OptionGroup var office: GuestOffice

    func run() async throws {
      let url = try office.address.value("VESTIBULE_EXPIRY_GRPC_URL")
      try await office.open { desk in
        for id in try await desk.ids([person]) {
          let notices = try await withServiceConnection(url) { try await desk.notices(of: id, at: $0) }
          for notice in notices { Terminal.say(GuestText.of(notice)) }
          if notices.isEmpty { Terminal.say("nothing was told") }
        }
      }
    }
  }

  struct Retimings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows how many guests' schedules each change of the lifecycle settings moved.")
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        for change in try await desk.retimings() {
          let at = change.changedAt.instant?.formatted(.iso8601) ?? ""
          Terminal.say("\(at)  version \(change.version.number)  \(change.retimedGuests) moved")
        }
      }
    }
  }
}

/// A guest's outlook, in a sentence or two.
enum GuestText {
  static func of(_ outlook: Vestibule_Api_V1_GuestOutlook) -> String {
    var lines = ["\(outlook.guest.target.email)  \(outlook.guest.state)  \(outlook.why)"]
    if outlook.hasAccessEndsAt { lines.append("  access ends  \(text(outlook.accessEndsAt))") }
    if outlook.hasBlockAt { lines.append("  blocked      \(text(outlook.blockAt))") }
    if outlook.hasDeleteAt { lines.append("  deleted      \(text(outlook.deleteAt))") }
    return lines.joined(separator: "\n")
  }

  static func of(_ notice: Vestibule_Api_V1_Notice) -> String {
    "\(text(notice.toldAt))  \(notice.kind)  \(notice.about)  \(text(notice.moment))"
  }

  private static func text(_ instant: Google_Protobuf_Timestamp) -> String {
    instant.instant?.formatted(.iso8601) ?? ""
  }
}

/// The tenant whose guests are meant, and where the system is.
struct GuestOffice: ParsableArguments {
  @Option(help: "The tenant, by name.") var tenant: String
  @OptionGroup var address: SystemAddress

  func open(_ body: @Sendable (GuestDesk) async throws -> Void) async throws {
    let (intake, provisioning) = (
      try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL"),
      try address.value("VESTIBULE_PROVISIONING_GRPC_URL")
    )
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    try await withServiceConnection(intake) { people in
      try await withServiceConnection(provisioning) { access in
        try await body(GuestDesk(tenant: id, people: people, access: access, token: token))
      }
    }
  }

  func set(
    _ lifecycle: Vestibule_Api_V1_SetGuestLifecycleRequest.SubjectLifecycle, _ guests: [String]
  ) async throws {
    try await open { desk in
      let changed = try await desk.set(lifecycle, of: try await desk.ids(guests))
      Terminal.say("\(changed) of \(guests.count) changed")
    }
  }
}

/// What administrators do with guests.
struct GuestDesk: Sendable {
  let tenant: UUID
  let people: ServiceConnection
  let access: ServiceConnection
  let token: String

  /// The ids of people named by address or id.
  func ids(_ names: [String]) async throws -> [String] {
    try await people.subjectIDs(of: names, tenant: tenant, token: token)
  }

  func outlook(_ id: String) async throws -> Vestibule_Api_V1_GuestOutlook {
    try await access.guests.getOutlook(
      .with { ($0.tenant, $0.id) = (tenant.text, id) }, metadata: .bearer(token))
  }

  func set(
    _ lifecycle: Vestibule_Api_V1_SetGuestLifecycleRequest.SubjectLifecycle, of ids: [String]
  ) async throws -> Int32 {
    try await access.guests.setLifecycle(
      .with { ($0.tenant, $0.ids, $0.subjectLifecycle) = (tenant.text, ids, lifecycle) },
      metadata: .bearer(token)
    ).changed
  }

  func notices(of person: String, at expiry: ServiceConnection) async throws -> [Vestibule_Api_V1_Notice] {
    var (found, request) = ([Vestibule_Api_V1_Notice](), Vestibule_Api_V1_ListNoticesRequest())
    (request.tenant, request.recipient, request.page.pageSize) = (tenant.text, person, 1_000)
    repeat {
      let page = try await expiry.notices.list(request, metadata: .bearer(token))
      found += page.notices
      request.page.pageToken = page.nextPageToken
    } while !request.page.pageToken.isEmpty
    return found
  }

  func zombies() async throws -> [String] {
    try await access.guests.listZombies(.with { $0.tenant = tenant.text }, metadata: .bearer(token)).guests
  }

  func retimings() async throws -> [Vestibule_Api_V1_LifecycleChange] {
    try await access.guests.listLifecycleChanges(.with { $0.tenant = tenant.text }, metadata: .bearer(token))
      .changes
  }
}
