import ArgumentParser
import EntitlementModel
import Foundation

struct Adopt: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes an existing tenant's guests and what they already have under governance.",
    discussion: """
      The file is comma-separated values with a heading. \(AdoptionFile.headings). What people already hold in the \
      directory is found and adopted: it is not granted a second time, and goes when the access ends. Without an end of \
      its own a line's access ends within --ends-between, each person always at the same place of it; without that, as \
      the policy says. Run again, the command does only what is missing.
      """)

  @Option(name: .shortAndLong, help: "The file of people.") var file: String
  @Option(help: "The tenant, by name.") var tenant: String
  @Option(help: "Spreads the ends over this time from --from on: P30D,P180D.") var endsBetween: String?
  @Option(help: "The day from which --ends-between counts; today without it.") var from: String?
  @Option(help: "Where the result of each line goes.") var results: String?
  @Flag(help: "Says what would be done, and does nothing.") var dryRun = false
  @OptionGroup var address: SystemAddress

  func validate() throws {
    if let endsBetween, AdoptionEnd.window(endsBetween) == nil {
      throw ValidationError(
        "--ends-between \(endsBetween): two durations, the shorter first, such as P30D,P180D")
    }
    if let from, Self.day(from) == nil { throw ValidationError("--from \(from): a day, such as 2027-01-31") }
  }

  func run() async throws {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw Failure.file(file, "can not be read")
    }
    let people = AdoptionFile(String(decoding: data, as: UTF8.self))
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    let window = endsBetween.flatMap(AdoptionEnd.window)
    let start = from.flatMap(Self.day) ?? Self.today
    let url = try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL")
    let isDryRun = dryRun
    let done = try await withServiceConnection(url) { connection in
      try await Adoption(tenant: id, connection: connection, token: token, isDryRun: isDryRun)(
        people, window: window, from: start)
    }
    if let results {
      let text = AdoptionResult.heading + done.map(\.text).joined()
      guard FileManager.default.createFile(atPath: results, contents: Data(text.utf8)) else {
        throw Failure.file(results, "can not be written")
      }
    }
    try tell(done)
  }

  private func tell(_ done: [AdoptionResult]) throws {
    let counts = Dictionary(grouping: done, by: \.outcome).mapValues(\.count)
    let words: [(AdoptionResult.Outcome, String)] = [
      (.adopted, "adopted"), (.wouldAdopt, "would be adopted"), (.adoptedBefore, "adopted before"),
      (.refused, "refused"),
    ]
    let parts = words.compactMap { outcome, word in counts[outcome].map { "\($0) \(word)" } }
    Terminal.say("\(done.count) lines: \(parts.isEmpty ? "nothing to do" : parts.joined(separator: ", "))")
    let refused = done.filter { $0.outcome == .refused }
    for result in refused.prefix(20) {
      Terminal.note("line \(result.line): \(result.email) \(result.detail)\n")
    }
    if refused.count > 20 { Terminal.note("… and \(refused.count - 20) more: see --results\n") }
    if !refused.isEmpty { throw ExitCode(1) }
  }

  private static func day(_ text: String) -> Date? {
    try? Date(text, strategy: Date.ISO8601FormatStyle().year().month().day())
  }

  private static var today: Date {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar.startOfDay(for: Date())
  }
}
