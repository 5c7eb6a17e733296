/// The names of what log lines carry. Ids only: no names, addresses, tokens, or statements.
package enum LogKey {
  package static let service = "service"
  package static let tenant = "tenant"
  package static let subject = "subject"
  package static let method = "method"
  package static let code = "code"
  package static let incident = "incident"
  package static let error = "error"
  package static let eventType = "event"
  package static let eventID = "event-id"
  package static let aggregate = "aggregate"
  package static let count = "count"
  package static let address = "address"
  package static let traceparent = "traceparent"
}
