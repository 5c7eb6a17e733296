import Synchronization

/// Whether the broker takes no messages at present. Anybody may look, also while the publisher is busy.
final class Blockade: Sendable {
  private let current = Mutex<String?>(nil)

  /// The broker's reason, while it blocks.
  var reason: String? { current.withLock { $0 } }

  func begin(reason: String) { current.withLock { $0 = reason } }

  func end() { current.withLock { $0 = nil } }
}
