import Dispatch
import Foundation

/// Ctrl-C and SIGTERM, once: everything that was started is stopped before the process ends.
enum Interruption {
  /// Returns when the first of the signals comes.
  static func wait() async {
    let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield() }
      source.resume()
      return source
    }
    for await _ in signals { break }
    for source in sources { source.cancel() }
  }

  /// Runs `body`; a signal cancels it, and is then told as `ExitCode` 130's friendlier kin: a plain failure.
  static func cancelling<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws
    -> Result
  {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        await wait()
        return nil
      }
      defer { group.cancelAll() }
      guard let result = try await group.next() ?? nil else { throw Failure.interrupted }
      return result
    }
  }
}
