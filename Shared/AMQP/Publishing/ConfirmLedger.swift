/// Which messages of one batch were sent and what the broker said about them.
struct ConfirmLedger {
  private let messages: [Message]
  /// The broker's number of the batch's first message.
  private var firstNumber: UInt64 = 0
  /// The batch's positions in the order of sending.
  private var sent: [Int] = []
  private var isPending: [Bool] = []
  private var reasons: [Int: PublishFailure.Reason] = [:]
  private var lowestPending = 0
  private var nextReturn = 0
  private(set) var pendingCount = 0

  init(_ messages: [Message]) {
    self.messages = messages
    sent.reserveCapacity(messages.count)
    isPending.reserveCapacity(messages.count)
  }

  mutating func begin(firstNumber: UInt64) { self.firstNumber = firstNumber }

  mutating func refuse(_ position: Int, flaw: String) { reasons[position] = .invalid(flaw) }

  mutating func send(_ position: Int) {
    sent.append(position)
    isPending.append(true)
    pendingCount += 1
  }

  /// Notes an ack or a nack, of one message or of all up to it.
  mutating func settle(number: UInt64, isMultiple: Bool, isTaken: Bool) {
    guard number >= firstNumber, number - firstNumber < UInt64(sent.count) else { return }
    let last = Int(number - firstNumber)
    let first = isMultiple ? min(lowestPending, last) : last
    for index in first...last where isPending[index] {
      isPending[index] = false
      pendingCount -= 1
      if !isTaken { reasons[sent[index]] = .nacked }
    }
    while lowestPending < sent.count, !isPending[lowestPending] { lowestPending += 1 }
  }

  /// Notes a returned message; its ack is still to come. A return has no number, but returns come in order.
  mutating func giveBack(
    exchange: String, routingKey: String, content: Content, replyCode: UInt16, replyText: String
  ) {
    for index in nextReturn..<sent.count where isPending[index] {
      let message = messages[sent[index]]
      guard message.isMandatory, message.messageID == content.messageID, message.routingKey == routingKey,
        message.exchange == exchange, message.body == content.body
      else { continue }
      reasons[sent[index]] = .returned(replyCode: replyCode, replyText: replyText)
      nextReturn = index + 1
      return
    }
  }

  /// The failure of the batch, if any message failed.
  func failure(cause: AMQPError?) -> PublishFailure? {
    var failures = reasons
    for (index, position) in sent.enumerated() where isPending[index] && failures[position] == nil {
      failures[position] = .unknown
    }
    let wasSent = Set(sent)
    if wasSent.count < messages.count {
      for position in messages.indices where !wasSent.contains(position) && failures[position] == nil {
        failures[position] = .notSent
      }
    }
    return failures.isEmpty && cause == nil ? nil : PublishFailure(failures: failures, cause: cause)
  }
}
