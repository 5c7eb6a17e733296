import ArgumentParser
import Foundation
import LocalSystem
import Messaging

struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the whole system on this machine until Ctrl-C.",
    discussion: "Its own PostgreSQL cluster and RabbitMQ node, on loopback, with everything in one directory."
  )

  @Option(help: "Where everything is kept.") var directory = ".local"
  @Option(help: "Copies of each service.") var copies = 1

  func run() async throws {
    let system = try await Self.start(directory: directory, copies: copies)
    Terminal.say(await Self.summary(of: system))
    Terminal.say("Ctrl-C stops it.")
    await Interruption.wait()
    Terminal.note("\nstopping …\n")
    await system.stop()
  }

  static func start(
    directory: String, copies: Int = 1, environment: [String: String] = [:]
  ) async throws -> LocalSystem {
    let folder = URL(filePath: directory, directoryHint: .isDirectory).absoluteURL
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let system = try await LocalSystem(
      LocalSystem.Options(directory: folder, copies: copies, environment: environment))
    Terminal.note(
      "starting PostgreSQL, RabbitMQ and \(ServiceName.allCases.count * copies) service processes …\n")
    try await system.start(declareTopology: DeclareTopology.declare)
    return system
  }

  static func summary(of system: LocalSystem) async -> String {
    var lines = ["Vestibule is up."]
    for service in system.services {
      lines.append("  \(service.name.padding(toLength: 18, withPad: " ", startingAt: 0)) \(service.grpcURL)")
    }
    lines.append("  environment        \(system.environmentFile.path(percentEncoded: false))")
    return lines.joined(separator: "\n")
  }
}
