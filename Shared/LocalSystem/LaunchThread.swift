import Dispatch
import Foundation
import Synchronization

/// The one thread that starts long-lived children.
///
/// A child asks the kernel to be killed with its parent, and for the kernel the parent is the *thread* that
/// started it. Threads of a pool come and go; this one stays as long as the process.
final class LaunchThread: Sendable {
  static let shared = LaunchThread()

  private let jobs = Mutex<[@Sendable () -> Void]>([])
  private let waiting = DispatchSemaphore(value: 0)

  private init() {
    Thread.detachNewThread { [self] in
      while true {
        waiting.wait()
        jobs.withLock { $0.removeFirst() }()
      }
    }
  }

  func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      jobs.withLock { $0.append { continuation.resume(with: Swift.Result { try body() }) } }
      waiting.signal()
    }
  }
}
