/// Which deliveries of one connection are settled, so that none is settled twice and runs are settled at once.
struct DeliveryLedger {
  /// Every delivery below is settled.
  private var lowestOpen: UInt64 = 1
  private var settledAbove: Set<UInt64> = []

  func isOpen(_ number: UInt64) -> Bool { number >= lowestOpen && !settledAbove.contains(number) }

  mutating func settle(_ number: UInt64) {
    guard number >= lowestOpen else { return }
    settledAbove.insert(number)
    advance()
  }

  mutating func settle(upTo number: UInt64) {
    guard number >= lowestOpen else { return }
    settledAbove = settledAbove.filter { $0 > number }
    lowestOpen = number + 1
    advance()
  }

  /// The end of the run that begins with the oldest open delivery and has no open one outside `numbers`, sorted.
  func runEnd(in numbers: [UInt64]) -> UInt64? {
    var expected = lowestOpen
    var end: UInt64?
    for number in numbers {
      while settledAbove.contains(expected) { expected += 1 }
      guard number == expected else { break }
      end = number
      expected += 1
    }
    return end
  }

  private mutating func advance() {
    while settledAbove.remove(lowestOpen) != nil { lowestOpen += 1 }
  }
}
