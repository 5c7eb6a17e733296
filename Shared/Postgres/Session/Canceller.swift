import CLibPQ
import Dispatch
import Synchronization

/// Passes the cancellation of a task on to the server that works for it, from whatever thread it happens on.
final class Canceller: Sendable {
  private enum State {
    case idle
    case running(CancelRequest)
    case cancelled
  }

  /// Private and serial, because the global queues share their few threads with Swift's cooperative pool.
  private static let queue = DispatchQueue(label: "vestibule.postgres.cancel")

  private let state = Mutex(State.idle)

  /// From now on `cancel` reaches the connection that `request` belongs to.
  func arm(_ request: CancelRequest) {
    state.withLock { $0 = .running(request) }
  }

  /// Whether a request was sent meanwhile: it may still arrive, so the connection must not be used again.
  func disarm() -> Bool {
    state.withLock { state in
      defer { state = .idle }
      return switch state {
      case .idle, .running: false
      case .cancelled: true
      }
    }
  }

  func cancel() {
    let request: CancelRequest? = state.withLock { state in
      switch state {
      case .running(let request):
        state = .cancelled
        return request
      case .idle, .cancelled:
        return nil
      }
    }
    guard let request else { return }
    Self.queue.async { request.send() }
  }
}

/// What it takes to ask the server to stop a connection's statement.
///
/// `@unchecked`: `PQcancel` may be called from any thread, the object that it takes never changes after it was made,
/// and it is freed when the last reference, a pending request's included, is gone.
final class CancelRequest: @unchecked Sendable {
  private let pointer: OpaquePointer?

  init(connection: OpaquePointer) {
    pointer = PQgetCancel(connection)
  }

  deinit {
    PQfreeCancel(pointer)
  }

  /// Opens a connection of its own and blocks until the server has read the request.
  func send() {
    var reason = [CChar](repeating: 0, count: 256)
    PQcancel(pointer, &reason, Int32(reason.count))
  }
}
