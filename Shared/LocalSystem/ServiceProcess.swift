package import Foundation
package import Messaging

/// One copy of one of our services, run as a child process.
package actor ServiceProcess {
  package nonisolated let service: ServiceName
  /// The service's name, with a number for all copies but the first: `expiry`, `expiry-2`.
  package nonisolated let name: String
  package nonisolated let grpcPort: Int
  package nonisolated let httpPort: Int
  package nonisolated let log: URL
  private let executable: URL
  private let environment: [String: String]
  private var process: ChildProcess?

  /// - Parameter environment: what the service is told besides its two addresses, which come from the ports.
  package init(
    _ service: ServiceName, copy: Int = 1, executable: URL, environment: [String: String], logs: URL,
    grpcPort: Int? = nil, httpPort: Int? = nil
  ) throws {
    let (grpcPort, httpPort) = (try grpcPort ?? Loopback.freePort(), try httpPort ?? Loopback.freePort())
    let addresses = [
      "VESTIBULE_GRPC_ADDRESS": "127.0.0.1:\(grpcPort)", "VESTIBULE_HTTP_ADDRESS": "127.0.0.1:\(httpPort)",
    ]
    name = copy == 1 ? service.rawValue : "\(service.rawValue)-\(copy)"
    log = logs.appending(path: "\(name).log")
    (self.service, self.executable) = (service, executable)
    (self.grpcPort, self.httpPort) = (grpcPort, httpPort)
    self.environment = environment.merging(addresses) { _, address in address }
  }

  package nonisolated var grpcURL: String { "http://127.0.0.1:\(grpcPort)" }
  package var pid: Int32? { process?.pid }
  package var isRunning: Bool { process?.isRunning ?? false }
  /// Peak memory and CPU time; nil while it does not run.
  package var usage: ProcessUsage? { process.flatMap { ProcessUsage(pid: $0.pid) } }

  package func start() async throws {
    guard !isRunning else { return }
    process = try await ChildProcess(
      name: name, program: executable, arguments: [], environment: environment, log: log)
  }

  /// Waits for `/readyz`.
  ///
  /// - Throws: `exited` when it ended instead, `notReady` after `limit`.
  package func waitUntilReady(within limit: Duration = .seconds(60)) async throws {
    guard let process else {
      throw LocalSystemError.notReady(name: name, within: .zero, log: log.path)
    }
    let request = "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    try await process.waitUntilReady(within: limit) {
      let answer = await Loopback.exchange(Array(request.utf8), port: httpPort, within: .seconds(5))
      return answer?.starts(with: Array("HTTP/1.1 200".utf8)) ?? false
    }
  }

  /// SIGTERM, then SIGKILL after ten seconds.
  /// - Returns: the exit status, 0 for a clean end; nil when it did not run.
  @discardableResult
  package func terminate() async -> Int32? {
    guard let process else { return nil }
    await process.stop()
    self.process = nil
    return process.exitStatus
  }

  /// As a crash ends it.
  package func kill() async {
    await process?.kill()
    process = nil
  }

  package func restart() async throws {
    await terminate()
    try await start()
    try await waitUntilReady()
  }
}
