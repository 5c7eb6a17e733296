/// A message to publish. It is always persistent.
package struct Message: Sendable {
  package var exchange: String
  package var routingKey: String
  package var headers: [(String, HeaderValue)]
  package var contentType: String?
  package var messageID: String?
  package var type: String?
  /// Whole seconds since 1970-01-01T00:00:00Z.
  package var timestamp: UInt64?
  package var body: [UInt8]
  /// Whether a message that no queue takes counts as failed instead of vanishing.
  package var isMandatory: Bool

  package init(
    exchange: String, routingKey: String, headers: [(String, HeaderValue)] = [], contentType: String? = nil,
    messageID: String? = nil, type: String? = nil, timestamp: UInt64? = nil, body: [UInt8],
    isMandatory: Bool = false
  ) {
    self.exchange = exchange
    self.routingKey = routingKey
    self.headers = headers
    self.contentType = contentType
    self.messageID = messageID
    self.type = type
    self.timestamp = timestamp
    self.body = body
    self.isMandatory = isMandatory
  }
}
