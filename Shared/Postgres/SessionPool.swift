import Synchronization

/// Lends sessions, first come first served, to a bounded number of waiters.
final class SessionPool: Sendable {
  private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<Session, any Error>
  }

  private struct State {
    var idle: [Session]
    var waiters: [Waiter] = []
    var lastWaiter: UInt64 = 0
    var isClosed = false
    var closing: [CheckedContinuation<Void, Never>] = []
  }

  private let sessions: [Session]
  private let waiterLimit: Int
  private let state: Mutex<State>

  init(sessions: [Session], waiterLimit: Int) {
    self.sessions = sessions
    self.waiterLimit = waiterLimit
    state = Mutex(State(idle: sessions.reversed()))
  }

  /// Lends a session to `body`. Cancelling the task stops what the session does.
  ///
  /// - Throws: `poolExhausted`, `closed`, `CancellationError` while waiting, or what `body` throws.
  func withSession<T: Sendable>(_ body: (Session) async throws -> T) async throws -> T {
    let session = try await acquire()
    defer { release(session) }
    return try await withTaskCancellationHandler {
      try await body(session)
    } onCancel: {
      session.cancel()
    }
  }

  private func acquire() async throws -> Session {
    try Task.checkCancellation()
    let id = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let answer = state.withLock { enter(&$0, Waiter(id: id, continuation: continuation)) }
        if let answer {
          continuation.resume(with: answer)
        }
      }
    } onCancel: {
      forget(id)?.resume(throwing: CancellationError())
    }
  }

  /// The answer for a caller that need not wait; otherwise it is in the queue.
  private func enter(_ state: inout State, _ waiter: Waiter) -> Result<Session, any Error>? {
    if state.isClosed { return .failure(DatabaseError(.closed)) }
    if let session = state.idle.popLast() { return .success(session) }
    guard state.waiters.count < waiterLimit else { return .failure(DatabaseError(.poolExhausted)) }
    // A task cancelled before it got here was not found by its handler.
    guard !Task.isCancelled else { return .failure(CancellationError()) }
    state.waiters.append(waiter)
    return nil
  }

  private func forget(_ id: UInt64) -> CheckedContinuation<Session, any Error>? {
    state.withLock { state in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
      return state.waiters.remove(at: index).continuation
    }
  }

  private func release(_ session: Session) {
    let (waiter, closing) = state.withLock { state in
      if !state.waiters.isEmpty {
        return (state.waiters.removeFirst() as Waiter?, [CheckedContinuation<Void, Never>]())
      }
      state.idle.append(session)
      guard state.isClosed, state.idle.count == sessions.count else { return (nil, []) }
      defer { state.closing = [] }
      return (nil, state.closing)
    }
    waiter?.continuation.resume(returning: session)
    closing.forEach { $0.resume() }
  }

  /// Refuses new callers and those that wait, waits for sessions that are lent, and closes all connections.
  func close() async {
    let waiters = state.withLock { state in
      state.isClosed = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters {
      waiter.continuation.resume(throwing: DatabaseError(.closed))
    }
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        guard state.idle.count < sessions.count else { return true }
        state.closing.append(continuation)
        return false
      }
      if isIdle {
        continuation.resume()
      }
    }
    for session in sessions {
      await session.close()
    }
  }
}
