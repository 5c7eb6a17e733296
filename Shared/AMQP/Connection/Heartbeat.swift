/// Calls an actor now and then, so that an idle connection keeps its heartbeats: the library has no thread of its own.
struct Heartbeat {
  private var task: Task<Void, Never>?

  /// Calls `beat` three times a heartbeat until it returns false.
  mutating func start(every heartbeat: Duration, _ beat: @escaping @Sendable () async -> Bool) {
    guard task == nil, heartbeat > .zero else { return }
    task = Task {
      while await beat(), !Task.isCancelled {
        do { try await Task.sleep(for: heartbeat / 3) } catch { return }
      }
    }
  }

  func stop() { task?.cancel() }
}
