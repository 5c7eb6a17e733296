import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct AssignmentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assignments",
    abstract: "Access that people have: shows it, gives more time, moves it, takes it away, asserts it anew.",
    discussion: "As whoever VESTIBULE_TOKEN belongs to; without it, as the tenant's administrator.",
    subcommands: [List.self, Show.self, Extend.self, Move.self, Remove.self, Reprocess.self],
    defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the caller's own, somebody's, or all.")
    @Flag(help: "Everybody's. Administrators only.") var all = false
    @Option(help: "Of this person, by address or id.") var person: String?
    @Option(help: "One page of so many, and the token of the next; without it, all.") var pageSize: Int32?
    @Option(help: "Where the page goes on: the token that the page before ended with.") var pageToken = ""
    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        var request = Vestibule_Api_V1_ListAssignmentsRequest()
        (request.tenant, request.all) = (desk.tenant.text, all)
        if let person { request.targetSubject = try await desk.person(person) }
        (request.page.pageSize, request.page.pageToken) = (pageSize ?? 1_000, pageToken)
        repeat {
          let page = try await desk.provisioning.assignments.list(request, metadata: .bearer(desk.token))
          for found in page.assignments { Terminal.say(json ? try found.jsonString() : found.line) }
          request.page.pageToken = page.nextPageToken
        } while pageSize == nil && !request.page.pageToken.isEmpty
        if !request.page.pageToken.isEmpty { Terminal.note("next: --page-token \(request.page.pageToken)\n") }
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows access with its roles at their targets.")
    @Argument(help: "The assignment's id.") var id: String
    @Flag(help: "One JSON object.") var json = false
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        let found = try await desk.provisioning.assignments.get(
          .with { ($0.tenant, $0.id) = (desk.tenant.text, id) }, metadata: .bearer(desk.token))
        if json { return Terminal.say(try found.jsonString()) }
        Terminal.say(found.assignment.line)
        for role in found.entitlements {
          let error = role.lastError.isEmpty ? "" : "  \(role.lastError), \(role.attempts) tries"
          Terminal.say("  \(role.originSystem)  \(role.resource)  \(role.role)  \(role.state)\(error)")
        }
      }
    }
  }

  struct Extend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Asks for more time.")
    @Argument(help: "The assignment's id.") var id: String
    @Option(help: "Why.") var justification = ""
    @Option(name: .customLong("accept"), help: "TERMS=VERSION of terms that are accepted; may be repeated.")
    var accepted: [String] = []
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        let asked = try await desk.intake.requests.extend(
          try .with {
            ($0.tenant, $0.assignment, $0.justification) = (desk.tenant.text, id, justification)
            $0.acceptedTerms = try Pairs.terms(accepted, desk.names)
          }, metadata: .bearer(desk.token))
        Terminal.say(asked.line)
      }
    }
  }

  struct Move: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Moves access to another policy of its package; it goes on meanwhile.",
      discussion:
        "Judged as if it were asked for under that policy. Its end is that policy's, from the decision.")
    @Argument(help: "The assignment's id.") var id: String
    @Argument(help: "The policy, by name or id.") var policy: String
    @OptionGroup var chosen: EndOption
    @Option(help: "Why.") var justification = ""
    @Option(name: .customLong("answer"), help: "QUESTION=VALUE; a question may be repeated.") var answers:
      [String] = []
    @Option(name: .customLong("accept"), help: "TERMS=VERSION of terms that are accepted; may be repeated.")
    var accepted: [String] = []
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        let asked = try await desk.intake.requests.changePolicy(
          try .with {
            ($0.tenant, $0.assignment, $0.justification) = (desk.tenant.text, id, justification)
            $0.assignmentPolicy = desk.names.id("assignmentPolicy", policy)
            if chosen.end != nil { try chosen.put(in: &$0.schedule) }
            $0.answers = Pairs.answers(answers)
            $0.acceptedTerms = try Pairs.terms(accepted, desk.names)
          }, metadata: .bearer(desk.token))
        Terminal.say(asked.line)
      }
    }
  }

  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Ends access before its time.")
    @Argument(help: "The assignment's id.") var id: String
    @Option(help: "Why.") var justification = ""
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        let asked = try await desk.intake.requests.remove(
          .with { ($0.tenant, $0.assignment, $0.justification) = (desk.tenant.text, id, justification) },
          metadata: .bearer(desk.token))
        Terminal.say(asked.line)
      }
    }
  }
}

extension Vestibule_Model_V1_Assignment {
  /// A list's line.
  fileprivate var line: String {
    let end = hasEndsAt ? "  until \(endsAt.date.formatted(.iso8601))" : ""
    let who = target.email.isEmpty ? target.subject : target.email
    return "\(id)  \(state)  \(who)  package \(accessPackage)  policy \(assignmentPolicy)\(end)"
  }
}
