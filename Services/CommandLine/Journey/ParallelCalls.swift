import Synchronization

/// Calls made by one client process: so many in flight, spread over its connections.
struct ParallelCalls: Sendable {
  let connections: [ServiceConnection]
  let inFlight: Int

  /// Makes `count` calls; `done` is told how many have been answered.
  func callAsFunction(
    _ count: Int, done: (Int) -> Void = { _ in },
    _ call: @escaping @Sendable (_ number: Int, ServiceConnection) async throws -> Void
  ) async throws {
    let (next, answered) = (Counter(), Counter())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<inFlight {
        let connection = connections[worker % connections.count]
        group.addTask {
          while true {
            let number = next.increment() - 1
            guard number < count else { return }
            try await call(number, connection)
            _ = answered.increment()
          }
        }
      }
      while let _ = try await group.next() { done(answered.value) }
    }
    done(count)
  }
}

/// A number that many tasks count up.
final class Counter: Sendable {
  private let number = Atomic(0)

  /// - Returns: the number after it.
  func increment() -> Int { number.add(1, ordering: .relaxed).newValue }

  var value: Int { number.load(ordering: .relaxed) }
}
