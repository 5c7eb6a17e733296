package import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A short-lived program, run to its end.
package struct Command: Sendable {
  package var program: URL
  package var arguments: [String]
  /// The whole environment: nothing is inherited, so that no `PG…` or `RABBITMQ_…` of the caller leaks in.
  package var environment: [String: String]
  /// Standard input, at most 60 kB: it is put into the pipe before the program starts.
  package var input: String

  package init(
    _ program: URL, _ arguments: [String] = [], environment: [String: String] = [:], input: String = ""
  ) {
    (self.program, self.arguments, self.environment, self.input) = (program, arguments, environment, input)
  }

  /// - Returns: what the program wrote to standard output and standard error.
  /// - Throws: `LocalSystemError.commandFailed` with that text when the status is not zero.
  @discardableResult
  package func run() async throws -> String {
    let (status, output) = try await withCheckedThrowingContinuation { continuation in
      // A thread of its own: the pool's few must not wait for other programs.
      Thread.detachNewThread { continuation.resume(with: Result { try runBlocking() }) }
    }
    guard status == 0 else {
      throw LocalSystemError.commandFailed(
        program: program.lastPathComponent, status: status, output: output)
    }
    return output
  }

  private func runBlocking() throws -> (status: Int32, output: String) {
    let (input, output) = (try Channel(), try Channel())
    try input.writing.write(contentsOf: Data(self.input.utf8))
    try input.writing.close()
    let pid = try Spawn(
      program: program, arguments: arguments, environment: environment, input: input.reading.fileDescriptor,
      output: output.writing.fileDescriptor)()
    try output.writing.close()
    let data = try output.reading.readToEnd() ?? Data()
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return (ending(of: status), String(decoding: data, as: UTF8.self))
  }

  /// A pipe; no child of ours inherits more of it than it is given.
  private struct Channel {
    let reading: FileHandle
    let writing: FileHandle

    init() throws {
      var ends: [Int32] = [0, 0]
      let failed = Spawn.descriptors.withLock { _ in
        guard pipe(&ends) == 0 else { return errno }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return 0
      }
      guard failed == 0 else { throw LocalSystemError.system(call: "pipe", errno: failed) }
      reading = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
      writing = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }
  }
}
