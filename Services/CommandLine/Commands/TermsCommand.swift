import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct TermsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "terms",
    abstract: "Terms of use: reads and accepts them, and shows who has and who has still to.",
    discussion: "As whoever VESTIBULE_TOKEN belongs to; without it, as the tenant's administrator.",
    subcommands: [Read.self, Accept.self, Accepted.self, Pending.self])

  struct Read: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows a text in the best of one's languages.")
    @Argument(help: "The terms, by name or id.") var terms: String
    @Option(help: "A version that counts no more.") var version: Int32 = 0
    @Option(help: "Like Accept-Language: de-AT, en;q=0.5.") var languages = ""
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        let text = try await desk.intake.terms.read(
          .with {
            ($0.tenant, $0.terms) = (desk.tenant.text, desk.names.id("terms", terms))
            ($0.version, $0.languages) = (version, languages)
          }, metadata: .bearer(desk.token))
        Terminal.say("\(text.displayName), version \(text.version)\n\n\(text.text)")
      }
    }
  }

  struct Accept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Accepts terms in a version, without asking for anything.")
    @Argument(help: "TERMS=VERSION.") var terms: String
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        guard let accepted = try Pairs.terms([terms], desk.names).first else { return }
        let record = try await desk.intake.terms.accept(
          .with { ($0.tenant, $0.acceptedTerms) = (desk.tenant.text, accepted) },
          metadata: .bearer(desk.token))
        Terminal.say(record.line)
      }
    }
  }

  struct Accepted: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows who has accepted what: the caller, somebody, or everybody.")
    @Flag(help: "Everybody. Administrators only.") var all = false
    @Option(help: "This person, by address or id.") var person: String?
    @Option(help: "Of these terms, by name or id.") var terms: String?
    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        var request = Vestibule_Api_V1_ListAcceptancesRequest()
        (request.tenant, request.all, request.page.pageSize) = (desk.tenant.text, all, 1_000)
        if let person { request.subject = try await desk.person(person) }
        if let terms { request.terms = desk.names.id("terms", terms) }
        repeat {
          let page = try await desk.intake.terms.listAcceptances(request, metadata: .bearer(desk.token))
          for record in page.acceptances { Terminal.say(json ? try record.jsonString() : record.line) }
          request.page.pageToken = page.nextPageToken
        } while !request.page.pageToken.isEmpty
      }
    }
  }

  struct Pending: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows what was assigned and whose person has not accepted its terms.")
    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var office: RequestOffice

    func run() async throws {
      try await office.open { desk in
        var request = Vestibule_Api_V1_ListPendingAcceptancesRequest()
        (request.tenant, request.page.pageSize) = (desk.tenant.text, 1_000)
        repeat {
          let page = try await desk.intake.terms.listPending(request, metadata: .bearer(desk.token))
          for found in page.requests { Terminal.say(json ? try found.jsonString() : found.line) }
          request.page.pageToken = page.nextPageToken
        } while !request.page.pageToken.isEmpty
      }
    }
  }
}

extension Vestibule_Api_V1_TermsAcceptanceRecord {
  fileprivate var line: String {
    let language = acceptedTerms.languageCode.isEmpty ? "" : ", read in \(acceptedTerms.languageCode)"
    return "\(subject)  \(acceptedTerms.terms)  version \(acceptedTerms.version)  "
      + acceptedAt.date.formatted(.iso8601) + language
  }
}
