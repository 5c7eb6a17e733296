/// Asks `condition` until it holds or `limit` has passed, pausing 2 to 100 ms between two questions.
///
/// - Returns: whether the condition held in time.
/// - Throws: what `condition` throws, and `CancellationError`.
package func poll(within limit: Duration, _ condition: () async throws -> Bool) async throws -> Bool {
  let deadline = ContinuousClock.now + limit
  var pause = Duration.milliseconds(2)
  while try await !condition() {
    guard ContinuousClock.now < deadline else { return false }
    try await Task.sleep(for: pause)
    pause = min(pause * 2, .milliseconds(100))
  }
  return true
}
