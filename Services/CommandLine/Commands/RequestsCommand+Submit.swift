import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

extension RequestsCommand {
  struct Submit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Asks for a package, for the caller, for somebody else, or for everybody of a file.",
      discussion: "A day such as 2027-01-31 means its end in the tenant's time zone.")
    @Argument(help: "The package, by name or id.") var package: String
    @Option(help: "The policy, by name or id, where several are for the person.") var policy: String?
    @Option(name: .customLong("for"), help: "Somebody else, by address or id; may be repeated.")
    var people: [String] = []
    @Option(name: .shortAndLong, help: "A file of addresses, one a line: each line has its result.")
    var file: String?
    @Option(help: "When access begins, such as 2027-01-31T08:00:00Z; now, if that is past.") var start:
      String?
    @OptionGroup var chosen: EndOption
    @Option(help: "Why.") var justification = ""
    @Option(name: .customLong("answer"), help: "QUESTION=VALUE; a question may be repeated.") var answers:
      [String] = []
    @Option(name: .customLong("accept"), help: "TERMS=VERSION of terms that are accepted; may be repeated.")
    var accepted: [String] = []
    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var office: RequestOffice

    func validate() throws {
      if file != nil, !people.isEmpty { throw ValidationError("give a --file, or --for people") }
      if let start, (try? Date(start, strategy: .iso8601)) == nil {
        throw ValidationError("\(start) is no instant: 2027-01-31T08:00:00Z is")
      }
      for pair in answers + accepted where !pair.contains("=") {
        throw ValidationError("\(pair) has no =")
      }
    }

    func run() async throws {
      var targets = people
      if let file {
        guard let data = FileManager.default.contents(atPath: file) else {
          throw Failure.file(file, "can not be read")
        }
        targets = CSVText.records(String(decoding: data, as: UTF8.self)).compactMap(\.fields.first)
      }
      let (all, asked) = (targets, self)
      try await office.open { desk in
        let request = try asked.request(desk)
        guard asked.file != nil || all.count > 1 else {
          let made = try await desk.submit(request, for: all.first)
          return Terminal.say(asked.json ? try made.jsonString() : made.line)
        }
        let results = try await desk.submit(request, forAll: all)
        for (target, result) in zip(all, results) {
          Terminal.say(asked.json ? try result.jsonString() : "\(target)  \(result.text)")
        }
        let refused = results.count { if case .refusal = $0.result { true } else { false } }
        if refused > 0 { throw Failure.unfinished("\(refused) of \(all.count) were refused") }
      }
    }

    private func request(_ desk: RequestDesk) throws -> Vestibule_Api_V1_SubmitRequest {
      try .with {
        ($0.tenant, $0.justification) = (desk.tenant.text, justification)
        $0.accessPackage = desk.names.id("accessPackage", package)
        if let policy { $0.assignmentPolicy = desk.names.id("assignmentPolicy", policy) }
        if let start { $0.schedule.startDateTime = .init(try Date(start, strategy: .iso8601)) }
        if chosen.end != nil { try chosen.put(in: &$0.schedule) }
        $0.answers = Pairs.answers(answers)
        $0.acceptedTerms = try Pairs.terms(accepted, desk.names)
      }
    }
  }
}

extension Vestibule_Api_V1_SubmitResult {
  fileprivate var text: String {
    switch result {
    case .request(let id): "asked  \(id)"
    case .refusal(let refusal): "refused  \(Failure.text(of: Refusal(refusal)))"
    case nil: "no answer"
    }
  }
}
