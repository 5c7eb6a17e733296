import AMQP
import Foundation
import LocalSystem
import Logging
import Messaging
import TestSupport

/// All services and servers of one machine, and what tests ask of them.
struct RunningSystem: Sendable {
  static let logger = Logger(label: "system-tests", factory: { _ in SwiftLogNoOpLogHandler() })

  let system: LocalSystem
  /// Says how the directory is to fail, where it is external.
  let faults: URL
  let desk: Desk
  let sample = SampleTenant.contoso

  /// The one that tests share which leave all processes as they found them; its directory is external.
  static func shared() async throws -> RunningSystem { try await Shared.instance.running() }

  /// - Parameter hasExternalDirectory: a worker then reaches it outside of the transactions, and `fail` works.
  static func start(copies: Int, hasExternalDirectory: Bool) async throws -> RunningSystem {
    let directory = try TestDirectory.make()
    let faults = directory.appending(path: "faults")
    var options = LocalSystem.Options(directory: directory, copies: copies)
    if hasExternalDirectory {
      options.serviceEnvironment = [.provisioning: ["VESTIBULE_FAULTS": faults.path]]
    }
    let system = try await LocalSystem(options)
    try await system.start { url in
      let administration = Administration(try AMQPConfiguration(url: url), logger: logger)
      try await administration.declare(Topology.declarations)
      await administration.close()
    }
    let running = try RunningSystem(system, faults: faults)
    try await running.apply()
    try await running.desk.awaitAnswers(to: system.issuer.sponsor())
    return running
  }

  private init(_ system: LocalSystem, faults: URL) throws {
    (self.system, self.faults) = (system, faults)
    desk = try Desk(
      tenant: SampleTenant.contoso.id, intake: system.copies(of: .requestIntake).map(TestClient.init),
      approval: system.copies(of: .approval).map(TestClient.init))
  }

  func desk(of tenant: SampleTenant) -> Desk {
    Desk(tenant: tenant.id, intake: desk.intake, approval: desk.approval)
  }

  /// Runs the command line against this system, as an operator does.
  /// - Returns: what it wrote.
  @discardableResult
  func vestibule(_ arguments: String..., environment: [String: String] = [:]) async throws -> String {
    try await vestibule(arguments, environment: environment)
  }

  @discardableResult
  func vestibule(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
    let executable = system.options.executables.appending(path: "vestibule")
    return try await Command(
      executable, arguments + ["--directory", system.options.directory.path], environment: environment
    ).run()
  }

  /// Applies the sample tenant; the workshop's access lasts so long.
  @discardableResult
  func apply(_ file: URL = SampleTenant.file, workshop duration: String = "PT4H") async throws -> String {
    try await vestibule(
      "apply", "-f", file.path, environment: ["VESTIBULE_WORKSHOP_DURATION": duration])
  }

  /// From now on the directory does this at every call; nil ends it.
  func fail(_ fault: String?) throws {
    try (fault ?? "").write(to: faults, atomically: true, encoding: .utf8)
  }
}

private actor Shared {
  static let instance = Shared()
  private var starting: Task<RunningSystem, any Error>?

  func running() async throws -> RunningSystem {
    if let starting { return try await starting.value }
    let task = Task { try await RunningSystem.start(copies: 1, hasExternalDirectory: true) }
    starting = task
    return try await task.value
  }
}
