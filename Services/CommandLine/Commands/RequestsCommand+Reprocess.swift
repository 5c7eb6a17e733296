import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

extension RequestsCommand {
  struct Reprocess: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Does deliveries again: what failed is tried again, what is delivered is asserted anew.",
      discussion: """
        Each request has its result. What must not be done again says what would be right. With --state it says how \
        many there are, and does them again where --yes is said too.
        """)
    @Argument(help: "The requests' ids.") var ids: [String] = []
    @Option(help: "All in this state, such as deliveryFailed, in place of ids; may be repeated.")
    var state: [String] = []
    @Flag(help: "Really, with --state.") var yes = false
    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var office: RequestOffice

    func validate() throws {
      try Self.check(ids, or: state, of: Self.states.map(\.rawValue))
    }

    private static let states: [AccessRequest.State] = [
      .deliveryFailed, .partiallyDelivered, .delivering, .delivered,
    ]

    func run() async throws {
      try await office.open { desk in
        var chosen = ids
        if !state.isEmpty {
          let states = state.compactMap { AccessRequest.State(rawValue: $0) }
          chosen = try await desk.requests(in: states).filter(\.isDelivery).map(\.id)
          guard yes else { return Terminal.say(Reprocessing.question(chosen.count, "requests", state)) }
        }
        var done = Reprocessing(asked: chosen.count)
        for ids in chosen.chunks(of: Reprocessing.chunk) {
          let answer = try await desk.intake.requests.reprocess(
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

extension ParsableCommand {
  /// Ids, or states of which there are such; one of the two.
  static func check(_ ids: [String], or states: [String], of known: [String]) throws {
    if ids.isEmpty == states.isEmpty { throw ValidationError("name ids, or a --state of all that are meant") }
    for word in states where !known.contains(word) {
      throw ValidationError(
        "there is nothing to be done again in the state \(word): there is in \(known.joined(separator: ", "))"
      )
    }
  }
}

/// What is done again, while it is.
struct Reprocessing {
  static let chunk = 1_000
  private let asked: Int
  private var refused = 0

  init(asked: Int) {
    self.asked = asked
  }

  static func question(_ count: Int, _ what: String, _ states: [String]) -> String {
    "\(count) \(what) are \(states.joined(separator: " or "))"
      + (count > 0 ? ": say --yes to do them again" : "")
  }

  mutating func say(_ line: String, isRefused: Bool) {
    if isRefused { refused += 1 }
    Terminal.say(line)
  }

  func finish() throws {
    if refused > 0 { throw Failure.unfinished("\(refused) of \(asked) were refused") }
    Terminal.note("\(asked) are done again\n")
  }
}

extension Array {
  func chunks(of size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}

extension Vestibule_Model_V1_Request {
  /// Whether something can be done again for it: of an update it is, by the request whose access it changes.
  fileprivate var isDelivery: Bool {
    switch (try? AccessRequest.Kind(requestType))?.purpose {
    case .add: true
    case .remove: state == .delivering
    case .update, nil: false
    }
  }
}

extension Vestibule_Api_V1_ReprocessRequestResult {
  fileprivate var hasRefusal: Bool { if case .refusal = result { true } else { false } }

  fileprivate var text: String {
    switch result {
    case .request(let request): "\(request.state)"
    case .refusal(let refusal): "refused  \(Failure.text(of: Refusal(refusal)))"
    case nil: "no answer"
    }
  }
}
