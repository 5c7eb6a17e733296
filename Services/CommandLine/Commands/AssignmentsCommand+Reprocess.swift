import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

extension AssignmentsCommand {
  struct Reprocess: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Asserts every role of delivered access anew at its target.",
      discussion: """
        A failed delivery is done again by its request: `vestibule requests reprocess`. With --state it says how many \
        there are, and does them again where --yes is said too.
        """)
    @Argument(help: "The assignments' ids.") var ids: [String] = []
    @Option(help: "All in this state, such as partiallyDelivered, in place of ids; may be repeated.")
    var state: [String] = []
    @Flag(help: "Really, with --state.") var yes = false
    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var office: RequestOffice

    func validate() throws {
      try Self.check(ids, or: state, of: Self.states.map(\.rawValue))
    }

    private static let states: [Assignment.State] = [
      .partiallyDelivered, .delivering, .delivered, .removing,
    ]

    func run() async throws {
      try await office.open { desk in
        var chosen = ids
        if !state.isEmpty {
          chosen = try await desk.assignments(in: Set(state)).map(\.id)
          guard yes else { return Terminal.say(Reprocessing.question(chosen.count, "assignments", state)) }
        }
        var done = Reprocessing(asked: chosen.count)
        for ids in chosen.chunks(of: Reprocessing.chunk) {
          let answer = try await desk.provisioning.assignments.reprocess(
            .with { ($0.tenant, $0.ids) = (desk.tenant.text, Array(ids)) }, metadata: .bearer(desk.token))
          for (id, result) in zip(ids, answer.results) {
            done.say(json ? try result.jsonString() : "\(id)  \(result.text)", isRefused: result.hasRefusal)
          }
        }
        try done.finish()
      }
    }
  }
}

extension Vestibule_Api_V1_ReprocessResult {
  fileprivate var hasRefusal: Bool { if case .refusal = result { true } else { false } }

  fileprivate var text: String {
    switch result {
    case .assignment(let assignment): "\(assignment.state)"
    case .refusal(let refusal): "refused  \(Failure.text(of: Refusal(refusal)))"
    case nil: "no answer"
    }
  }
}
