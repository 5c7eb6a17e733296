import Dispatch
package import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A long-lived child whose output goes to a log file and which dies with this process.
package final class ChildProcess: Sendable {
  package let name: String
  package let pid: Int32
  package let log: URL
  /// How it ended, once that is known.
  private let ended = Mutex<Int32?>(nil)

  /// Starts `program`.
  ///
  /// - Parameters:
  ///   - user: the user to become; only root may name one.
  ///   - deathSignal: what the kernel sends when this process ends, however it ends.
  package init(
    name: String, program: URL, arguments: [String], environment: [String: String], log: URL,
    user: UnprivilegedUser? = nil, deathSignal: String = "KILL"
  ) async throws {
    let launcher = try Program.setpriv()
    let launched = ["--pdeathsig", deathSignal] + (user?.setprivArguments ?? []) + [program.path] + arguments
    pid = try await LaunchThread.shared.run {
      let output = try appending(to: log)
      let pid = try Spawn(
        program: launcher, arguments: launched, environment: environment,
        input: FileHandle.nullDevice.fileDescriptor, output: output.fileDescriptor)()
      try output.close()
      return pid
    }
    (self.name, self.log) = (name, log)
  }

  package var isRunning: Bool { exitStatus == nil }

  /// The exit status, or the number of the signal that ended it; nil while it runs.
  package var exitStatus: Int32? {
    ended.withLock { ended in
      var status: Int32 = 0
      if ended == nil, waitpid(pid, &status, WNOHANG) == pid { ended = ending(of: status) }
      return ended
    }
  }

  package func signal(_ number: Int32) {
    if isRunning { Glibc.kill(pid, number) }
  }

  /// Asks with `number`, waits up to `limit`, then kills.
  package func stop(_ number: Int32 = SIGTERM, within limit: Duration = .seconds(10)) async {
    signal(number)
    if await ends(within: limit) { return }
    await kill()
  }

  /// SIGKILL: as a crash would end it.
  package func kill() async {
    signal(SIGKILL)
    _ = await ends(within: .seconds(10))
  }

  /// Waits until `condition` holds.
  ///
  /// - Throws: `exited` as soon as the child is gone, `notReady` when `limit` has passed.
  package func waitUntilReady(within limit: Duration, _ condition: () async throws -> Bool) async throws {
    let ready = try await poll(within: limit) {
      if let status = exitStatus {
        throw LocalSystemError.exited(name: name, status: status, log: log.path)
      }
      return try await condition()
    }
    guard ready else { throw LocalSystemError.notReady(name: name, within: limit, log: log.path) }
  }

  /// A stop must go through even when the task that asks for it has been cancelled.
  private func ends(within limit: Duration) async -> Bool {
    await Task { [self] in (try? await poll(within: limit) { !isRunning }) ?? false }.value
  }
}

private func appending(to file: URL) throws -> FileHandle {
  let descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { throw LocalSystemError.system(call: "open", errno: errno) }
  return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
}
