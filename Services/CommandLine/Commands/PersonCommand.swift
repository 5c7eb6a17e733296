import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Protocols
import SwiftProtobuf

struct PersonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "person",
    abstract:
      "People who leave, people who must be kept out at once, people known twice, people who are to be forgotten.",
    subcommands: [
      End.self, CutOff.self, Restore.self, Link.self, Unlink.self, Merge.self, Unmerge.self, Denied.self,
      Erase.self, Hold.self, Release.self,
    ])

  struct Denied: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists who holds or asks for something and comes from a domain that is denied.")
    @Flag(help: "Only says how many.") var count = false
    @OptionGroup var office: GuestOffice

    func run() async throws {
      let isCount = count
      try await office.open { desk in
        var (token, people) = ("", Int64(0))
        repeat {
          let page = try await desk.denied(after: token)
          (token, people) = (isCount ? "" : page.nextPageToken, page.people)
          for holder in page.holders where !isCount {
            Terminal.say("\(holder.email)  \(holder.subject)  holds \(holder.assignments.count)")
          }
        } while !token.isEmpty
        Terminal.say("\(people) denied")
      }
    }
  }

  struct End: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The person has left: requests are canceled, access ends, the account goes.")
    @Argument(help: "The person's address, or id.") var person: String
    @Option(help: "Why.") var reason = ""
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        for id in try await desk.ids([person]) {
          _ = try await desk.people.subjects.end(
            .with { ($0.tenant, $0.id, $0.reason) = (desk.tenant.text, id, reason) },
            metadata: .bearer(desk.token))
          Terminal.say("\(person): ended")
        }
      }
    }
  }

  struct CutOff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "cut-off",
      abstract: "At once: barred, every account blocked, every session ended. What the person holds stays.")
    @Argument(help: "The person's address, or id.") var person: String
    @Option(help: "Why.") var reason: String
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        for id in try await desk.ids([person]) {
          _ = try await desk.people.subjects.cutOff(
            .with { ($0.tenant, $0.id, $0.reason) = (desk.tenant.text, id, reason) },
            metadata: .bearer(desk.token))
          Terminal.say("\(person): cut off")
        }
      }
    }
  }

  struct Link: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says that several are one person; what one holds or asks for then counts for all.")
    @Argument(help: "Their addresses, or ids.") var people: [String] = []
    @Option(name: .shortAndLong, help: "A file of such lists, one a line, separated by commas.") var file:
      String?
    @Flag(help: "Only says what would conflict.") var dryRun = false
    @OptionGroup var office: GuestOffice

    func validate() throws {
      if people.isEmpty == (file == nil) { throw ValidationError("name the people, or a --file of them") }
    }

    func run() async throws {
      let (all, isDryRun) = (try file.map(PersonLists.read) ?? [people], dryRun)
      try await office.open { desk in
        var links: [Vestibule_Api_V1_LinkSubjectsRequest.Link] = []
        for list in all {
          let ids = try await desk.ids(list)
          links.append(.with { ($0.subject, $0.linked) = (ids.first ?? "", Array(ids.dropFirst())) })
        }
        let answer = try await desk.link(links, isDryRun: isDryRun)
        for (list, result) in zip(all, answer.results) { Terminal.say(Self.text(list, result)) }
      }
    }

    private static func text(
      _ list: [String], _ result: Vestibule_Api_V1_LinkSubjectsResponse.Result
    ) -> String {
      let name = list.joined(separator: ", ")
      if result.hasRefusal { return "\(name): \(Failure.text(of: Refusal(result.refusal)))" }
      let conflicts = result.conflicts.map { conflict in
        let other =
          conflict.incompatibleGroup.isEmpty
          ? "beside \(conflict.incompatibleAccessPackage) (\(conflict.incompatibleAssignment))"
          : "in the group \(conflict.incompatibleGroup)"
        return "\n  holds \(conflict.accessPackage) (\(conflict.assignment)) \(other)"
      }
      return "\(name): one person" + conflicts.joined()
    }
  }

  struct Unlink: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Takes a link back: they are by themselves again.")
    @Argument(help: "Their addresses, or ids.") var people: [String]
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        let ids = try await desk.ids(people)
        let unlinked = try await desk.people.subjects.unlink(
          .with { ($0.tenant, $0.ids) = (desk.tenant.text, ids) }, metadata: .bearer(desk.token)
        ).unlinked
        Terminal.say("\(unlinked) by themselves")
      }
    }
  }

  struct Merge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lets one stand in for others: whoever signs in as one of those is the first one.",
      discussion: """
        What each holds, and its accounts, stay. For seven days it can be taken back (unmerge), and nothing is lost; then \
        of a package that is held twice the one that ends last stays.
        """)
    @Argument(help: "The survivor, then those who are merged into it; addresses, or ids.") var people:
      [String] = []
    @Option(name: .shortAndLong, help: "A file of such lists, one a line, separated by commas.") var file:
      String?
    @Flag(help: "Only says what would be.") var dryRun = false
    @OptionGroup var office: GuestOffice

    func validate() throws {
      if people.isEmpty == (file == nil) { throw ValidationError("name the people, or a --file of them") }
    }

    func run() async throws {
      let (lists, isDryRun) = (try file.map(PersonLists.read) ?? [people], dryRun)
      try await office.open { desk in
        var merges: [Vestibule_Api_V1_MergeSubjectsRequest.Merge] = []
        for list in lists {
          let ids = try await desk.ids(list)
          merges += ids.dropFirst().map { id in .with { ($0.survivor, $0.merged) = (ids[0], id) } }
        }
        let answer = try await desk.merge(merges, isDryRun: isDryRun)
        for (merge, result) in zip(merges, answer.results) {
          Terminal.say(Self.text(merge, result, areGuests: try await desk.areGuests(merge)))
        }
      }
    }

    private static func text(
      _ merge: Vestibule_Api_V1_MergeSubjectsRequest.Merge,
      _ result: Vestibule_Api_V1_MergeSubjectsResponse.Result, areGuests: Bool
    ) -> String {
      let name = "\(merge.merged) into \(merge.survivor)"
      if result.hasRefusal { return "\(name): \(Failure.text(of: Refusal(result.refusal)))" }
      let twice = result.heldTwice.map {
        "\n  holds \($0.accessPackage) twice: \($0.kept) stays, \($0.ended.joined(separator: ", ")) ends then"
      }
      let accounts =
        areGuests ? ["\n  both have accounts: the merged one's stay, and go with its last access"] : []
      let end = result.finalAt.instant?.formatted(.iso8601) ?? ""
      return "\(name): final at \(end)" + (twice + accounts).joined()
    }
  }

  struct Unmerge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Takes merges back, within seven days.")
    @Argument(help: "Those who were merged; ids, or addresses.") var people: [String]
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        let ids = try await desk.ids(people)
        let unmerged = try await desk.people.subjects.unmerge(
          .with { ($0.tenant, $0.ids) = (desk.tenant.text, ids) }, metadata: .bearer(desk.token)
        ).unmerged
        Terminal.say("\(unmerged) by themselves")
      }
    }
  }

  struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lifts a cut-off and its bar; the person signs in anew.")
    @Argument(help: "The person's address, or id.") var person: String
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        for id in try await desk.ids([person]) {
          _ = try await desk.people.subjects.restore(
            .with { ($0.tenant, $0.id) = (desk.tenant.text, id) }, metadata: .bearer(desk.token))
          Terminal.say("\(person): restored")
        }
      }
    }
  }
}

/// Lists of people in a file, one a line.
enum PersonLists {
  static func read(_ file: String) throws -> [[String]] {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw Failure.file(file, "can not be read")
    }
    return CSVText.records(String(decoding: data, as: UTF8.self)).map(\.fields)
  }
}

extension GuestDesk {
  func merge(
    _ merges: [Vestibule_Api_V1_MergeSubjectsRequest.Merge], isDryRun: Bool
  ) async throws -> Vestibule_Api_V1_MergeSubjectsResponse {
    try await people.subjects.merge(
      .with { ($0.tenant, $0.merges, $0.dryRun) = (tenant.text, merges, isDryRun) },
      metadata: .bearer(token))
  }

  /// Whether both have, or had, accounts.
  func areGuests(_ merge: Vestibule_Api_V1_MergeSubjectsRequest.Merge) async throws -> Bool {
    for guest in [merge.survivor, merge.merged] {
      do {
        let found = try await access.guests.get(
          .with { ($0.tenant, $0.id) = (tenant.text, guest) }, metadata: .bearer(token))
        if found.state == .deleted { return false }
      } catch let error as RPCError where error.code == .notFound {
        return false
      }
    }
    return true
  }

  func denied(after token: String) async throws -> Vestibule_Api_V1_ListDeniedResponse {
    try await people.requests.listDenied(
      .with {
        $0.tenant = tenant.text
        ($0.page.pageSize, $0.page.pageToken) = (1_000, token)
      }, metadata: .bearer(self.token))
  }

  func link(
    _ links: [Vestibule_Api_V1_LinkSubjectsRequest.Link], isDryRun: Bool
  ) async throws -> Vestibule_Api_V1_LinkSubjectsResponse {
    try await people.subjects.link(
      .with { ($0.tenant, $0.links, $0.dryRun) = (tenant.text, links, isDryRun) }, metadata: .bearer(token))
  }
}
