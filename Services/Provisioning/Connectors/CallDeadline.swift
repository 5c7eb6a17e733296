/// A call that must come back in time; what it was doing then is unknown.
enum CallDeadline {
  static func within<Answer: Sendable>(
    _ limit: Duration, _ count: Int, _ call: @escaping @Sendable () async -> [Result<Answer, ConnectorError>]
  ) async -> [Result<Answer, ConnectorError>] {
    let late = [Result<Answer, ConnectorError>](repeating: .failure(.outcomeUnknown), count: count)
    return await withTaskGroup(of: [Result<Answer, ConnectorError>]?.self) { group in
      group.addTask { await call() }
      group.addTask {
        try? await Task.sleep(for: limit)
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      guard let first, first.count == count else { return late }
      return first
    }
  }
}
