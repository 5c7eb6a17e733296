/// How long to leave the broker alone after failures: twice as long each time, by chance between half and all of it.
struct Backoff {
  private static let first = Duration.milliseconds(50)
  private static let longest = Duration.seconds(5)

  private var failureCount = 0
  private var earliest = ContinuousClock.now

  /// The time left until the next attempt.
  var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: earliest)) }

  mutating func failed() {
    let ceiling = min(Self.longest, Self.first * (1 << min(failureCount, 10)))
    failureCount += 1
    earliest = .now + ceiling * Double.random(in: 0.5...1)
  }

  mutating func succeeded() {
    failureCount = 0
    earliest = .now
  }
}
