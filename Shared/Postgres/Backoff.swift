/// How long to wait before work is tried again: doubling, with jitter, so that those in conflict do not meet again.
enum Backoff {
  private static let first = Duration.milliseconds(10)
  private static let longest = Duration.seconds(1)

  /// - Parameter attempt: 2 for the first repetition.
  static func delay(beforeAttempt attempt: Int) -> Duration {
    let step = min(longest, first * (1 << min(attempt, 10)))
    return step * Double.random(in: 0.5...1)
  }
}
