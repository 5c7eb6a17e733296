import Dispatch

/// Runs an actor on a private serial queue, so that its blocking calls never hold one of Swift's cooperative threads.
///
/// An actor that owns a C handle keeps one and returns it from `unownedExecutor`:
/// ```
/// private nonisolated let executor = BlockingExecutor(label: "vestibule.postgres")
/// nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
/// ```
package final class BlockingExecutor: SerialExecutor, Sendable {
  private let queue: DispatchQueue

  /// - Parameter label: the queue's name, as debuggers show it.
  package init(label: String) {
    queue = DispatchQueue(label: label)
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async {
      job.runSynchronously(on: self.asUnownedSerialExecutor())
    }
  }

  package func checkIsolated() {
    dispatchPrecondition(condition: .onQueue(queue))
  }
}
