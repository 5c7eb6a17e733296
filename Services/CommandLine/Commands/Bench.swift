import ArgumentParser
import EntitlementModel
import Foundation
import LocalSystem
import Messaging

struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures journeys against the least durable work that they could cost.",
    discussion: "Starts a system of its own, on an empty store. Floor and product alternate; medians count.")

  @Option(help: "People of each measurement.") var users = 10_000
  @Option(help: "Rounds of floor and product.") var rounds = 3
  @Option(help: "Policies of a package where much is configured, with five connected organizations for each.")
  var policies = 200
  @Option(help: "Write the figures to this file, as JSON.") var json: String?
  @Flag(help: "Also measure with a million assignments stored (takes long).") var growth = false
  @Option(help: "Where everything is kept while it runs.") var directory = ".local/bench"

  func validate() throws {
    if !(10...100_000).contains(users) { throw ValidationError("--users must be 10 to 100000") }
    if !(2...1_000).contains(policies) { throw ValidationError("--policies must be 2 to 1000") }
    if !(1...9).contains(rounds) { throw ValidationError("--rounds must be 1 to 9") }
  }

  func run() async throws {
    let system = try await Up.start(directory: directory)
    do {
      let (measurement, rounds, growth) = (
        Measurement(system: system, users: users, policies: policies), rounds, growth
      )
      let report = try await Interruption.cancelling {
        try await measurement.run(rounds: rounds, growth: growth)
      }
      Terminal.say(report.table)
      if let json {
        let data = try JSONSerialization.data(
          withJSONObject: report.json, options: [.prettyPrinted, .sortedKeys])
        try data.write(to: URL(filePath: json))
      }
    } catch {
      await system.stop()
      throw error
    }
    await system.stop()
  }
}
