import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct RequestsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "requests",
    abstract: "Requests for access: asks for it, shows what became of it, takes it back, does it again.",
    discussion: "As whoever VESTIBULE_TOKEN belongs to; without it, as the tenant's administrator.",
    subcommands: [
      List.self, Show.self, Submit.self, Cancel.self, Resubmit.self, Reprocess.self,
    ], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows the caller's own, somebody's, or all; a page at a time with --page-size.")
    @Flag(help: "Everybody's. Administrators only.") var all = false
    @Option(help: "Of this person, by address or id.") var person: String?
    @Option(help: "Of this package, by name or id.") var package: String?
    @Option(help: "Only in this state, such as pendingApproval; may be repeated.") var state: [String] = []
    @Option(help: "Only of this type, such as userAdd; may be repeated.") var type: [String] = []
    @Option(help: "One page of so many, and the token of the next; without it, all.") var pageSize: Int32?
    @Option(help: "Where the page goes on: the token that the page before ended with.") var pageToken = ""
    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var office: RequestOffice

    func validate() throws {
      for word in state where AccessRequest.State(rawValue: word) == nil {
        throw ValidationError(
          "there is no state \(word): \(AccessRequest.State.allCases.map(\.rawValue).joined(separator: ", ")) are"
        )
      }
      for word in type where AccessRequest.Kind(rawValue: word) == nil {
        throw ValidationError(
          "there is no type \(word): \(AccessRequest.Kind.allCases.map(\.rawValue).joined(separator: ", ")) are"
        )
      }
    }

    func run() async throws {
      try await office.open { desk in
        var request = Vestibule_Api_V1_ListRequestsRequest()
        (request.tenant, request.all) = (desk.tenant.text, all)
        if let person { request.targetSubject = try await desk.person(person) }
        if let package { request.accessPackage = desk.names.id("accessPackage", package) }
        request.states = state.compactMap { AccessRequest.State(rawValue: $0) }.map { .init($0) }
        request.requestTypes = type.compactMap { AccessRequest.Kind(rawValue: $0) }.map { .init($0) }
        (request.page.pageSize, request.page.pageToken) = (pageSize ?? 1_000, pageToken)
        repeat {
          let page = try await desk.intake.requests.list(request, metadata: .bearer(desk.token))
          for found in page.requests { Terminal.say(json ? try found.jsonString() : found.line) }
          request.page.pageToken = page.nextPageToken
        } while pageSize == nil && !request.page.pageToken.isEmpty
        if !request.page.pageToken.isEmpty { Terminal.note("next: --page-token \(request.page.pageToken)\n") }
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows a request, and what happened to it, in order.")
    @Argument(help: "The request's id.") var id: String
    @Flag(help: "The request, its approval and its assignment, one JSON object a line.") var json = false
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        let found = try await desk.history(of: id)
        for line in json ? try found.json() : found.lines { Terminal.say(line) }
      }
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Takes requests back that have not been granted.")
    @Argument(help: "The requests' ids.") var ids: [String]
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        for id in ids {
          let canceled = try await desk.intake.requests.cancel(
            .with { ($0.tenant, $0.id) = (desk.tenant.text, id) }, metadata: .bearer(desk.token))
          Terminal.say(canceled.line)
        }
      }
    }
  }

  struct Resubmit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Asks anew for what was denied, canceled or not delivered.")
    @Argument(help: "The request's id.") var id: String
    @Option(name: .customLong("accept"), help: "TERMS=VERSION of terms that are accepted; may be repeated.")
    var accepted: [String] = []
    @Flag(help: "One JSON object.") var json = false
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        let again = try await desk.intake.requests.resubmit(
          try .with {
            ($0.tenant, $0.id) = (desk.tenant.text, id)
            $0.acceptedTerms = try Pairs.terms(accepted, desk.names)
          }, metadata: .bearer(desk.token))
        Terminal.say(json ? try again.jsonString() : again.line)
      }
    }
  }
}

extension Vestibule_Model_V1_Request {
  /// A list's line.
  var line: String {
    let who = target.email.isEmpty ? target.subject : target.email
    return "\(id)  \(requestType)  \(state)  \(status)  \(who)  \(createdAt.date.formatted(.iso8601))"
  }
}
