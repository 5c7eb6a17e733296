import ArgumentParser
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What was changed, by whom: proves it, or prints it.", subcommands: [Verify.self, Export.self])

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Walks every service's chain and says which rows are changed, missing or inserted.",
      discussion: """
        Exit status 0: everything is as it was sealed; 1: it is not. A chain must also reach as far as it has told the \
        other services. Against somebody who changes all services' rows, give a head that was kept elsewhere \
        (`audit.sealed`, or what this command printed).
        """)

    @OptionGroup var chains: AuditChains
    @Option(help: "A head that must be in the chain: service:position:hash; may be given several times.")
    var head: [String] = []

    func validate() throws {
      for text in head where AuditChains.head(text) == nil {
        throw ValidationError("\(text) is no head: service:position:hash is")
      }
    }

    func run() async throws {
      let known = head.compactMap(AuditChains.head) + (try await chains.witnessed())
      let verifications = try await chains.each { service, chain in
        try await chain.verified(service, passing: known.filter { $0.service == service.rawValue })
      }
      guard verifications.allSatisfy(\.findings.isEmpty) else { throw ExitCode.failure }
    }
  }

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints entries as JSON, one a line.")

    @OptionGroup var chains: AuditChains
    @Option(help: "From this instant on, such as 2026-05-01T00:00:00Z.") var since: String?
    @Option(help: "Before this instant.") var until: String?
    @Option(help: "Of one object, by id.") var object: String?
    @Option(help: "By one person, by id.") var actor: String?

    func validate() throws {
      for text in [since, until].compactMap(\.self) where Self.instant(text) == nil {
        throw ValidationError("\(text) is no instant: 2026-05-01T00:00:00Z is")
      }
    }

    func run() async throws {
      let wanted = Vestibule_Api_V1_ListAuditRequest.with {
        if let instant = since.flatMap(Self.instant) { $0.since = instant }
        if let instant = until.flatMap(Self.instant) { $0.until = instant }
        ($0.object, $0.initiator) = (object?.lowercased() ?? "", actor?.lowercased() ?? "")
      }
      _ = try await chains.each { service, chain in
        try await chain.walk(wanted) { page in
          for record in page.records { Terminal.say(try AuditLine(record, service: service).text()) }
        }
      }
    }

    private static func instant(_ text: String) -> Google_Protobuf_Timestamp? {
      try? Google_Protobuf_Timestamp(jsonString: "\"\(text)\"")
    }
  }
}
