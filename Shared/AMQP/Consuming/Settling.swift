/// The deliveries of the current connection that are still to be settled, and the ways to do it.
///
/// A delivery of an earlier connection is left alone and given back: the broker delivers its message again.
struct Settling {
  private var ledger = DeliveryLedger()
  private let generation: UInt64

  init(generation: UInt64 = 0) { self.generation = generation }

  /// Acknowledges the deliveries, whole runs with one frame.
  mutating func acknowledge(_ tags: [DeliveryTag], on connection: Connection) throws(AMQPError) {
    let numbers = openNumbers(tags)
    let end = ledger.runEnd(in: numbers)
    try connection.corked { () throws(AMQPError) in
      if let end { try connection.acknowledge(end, isMultiple: numbers[0] != end) }
      for number in numbers where number > end ?? 0 { try connection.acknowledge(number, isMultiple: false) }
    }
    if let end { ledger.settle(upTo: end) }
    for number in numbers { ledger.settle(number) }
  }

  /// Acknowledges every open delivery up to that one.
  mutating func acknowledge(upTo tag: DeliveryTag, on connection: Connection) throws(AMQPError) {
    guard ledger.isOpen(tag.number) else { return }
    try connection.acknowledge(tag.number, isMultiple: true)
    ledger.settle(upTo: tag.number)
  }

  /// Rejects the deliveries: back into the queue, or to where the queue sends dead letters.
  mutating func reject(_ tags: [DeliveryTag], requeues: Bool, on connection: Connection) throws(AMQPError) {
    let numbers = openNumbers(tags)
    try connection.corked { () throws(AMQPError) in
      for number in numbers { try connection.reject(number, requeues: requeues) }
    }
    for number in numbers { ledger.settle(number) }
  }

  func isStale(_ tag: DeliveryTag) -> Bool { tag.generation != generation }

  private func openNumbers(_ tags: [DeliveryTag]) -> [UInt64] {
    tags.filter { !isStale($0) && ledger.isOpen($0.number) }.map(\.number).sorted()
  }
}
