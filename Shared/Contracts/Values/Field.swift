package import EntitlementModel
package import Foundation
package import SwiftProtobuf

/// Reads one field of a message; what is wrong with it is told under its name.
package enum Field {
  package static func id(_ text: String, at field: String) throws(ContractError) -> UUID {
    if let id = UUID(text: text) { return id }
    throw text.isEmpty
      ? required(field, "a UUID") : ContractError(.malformed, field: field, expected: "a UUID")
  }

  /// Nil for an empty field.
  package static func optionalID(_ text: String, at field: String) throws(ContractError) -> UUID? {
    text.isEmpty ? nil : try id(text, at: field)
  }

  package static func ids(_ texts: [String], at field: String) throws(ContractError) -> [UUID] {
    try each(texts, at: field) { text throws(ContractError) in try id(text, at: "") }
  }

  /// Ids of things to be done in one call.
  package static func ids(_ texts: [String], at field: String, limit: Int) throws(ContractError) -> [UUID] {
    if texts.isEmpty { throw required(field, "1 to \(limit) ids") }
    if texts.count > limit { throw ContractError(.tooManyItems, field: field, expected: "at most \(limit)") }
    return try ids(texts, at: field)
  }

  package static func instant(
    _ timestamp: Google_Protobuf_Timestamp?, at field: String
  ) throws(ContractError) -> Date {
    guard let instant = try optionalInstant(timestamp, at: field) else { throw required(field, "an instant") }
    return instant
  }

  /// Nil for an unset field.
  package static func optionalInstant(
    _ timestamp: Google_Protobuf_Timestamp?, at field: String
  ) throws(ContractError) -> Date? {
    guard let timestamp else { return nil }
    if let instant = timestamp.instant { return instant }
    throw ContractError(.outOfRange, field: field, expected: "an instant of the years 1 to 9999")
  }

  package static func period(_ text: String, at field: String) throws(ContractError) -> Period {
    guard let period = try optionalPeriod(text, at: field) else { throw required(field, isoDuration) }
    return period
  }

  /// Nil for an empty field.
  package static func optionalPeriod(_ text: String, at field: String) throws(ContractError) -> Period? {
    if text.isEmpty { return nil }
    if let period = Period(iso: text) { return period }
    throw ContractError(.malformed, field: field, expected: isoDuration)
  }

  /// A text of at most `limit` characters.
  package static func text(
    _ text: String, at field: String, limit: Int, isRequired: Bool = false
  ) throws(ContractError) -> String {
    if isRequired, text.isEmpty { throw required(field, "1 to \(limit) characters") }
    if text.utf8.count > limit, text.count > limit {
      throw ContractError(.tooLong, field: field, expected: "at most \(limit) characters")
    }
    return text
  }

  /// Reads the message of a field; what is wrong within is told under the whole path.
  static func within<Value>(
    _ field: String, _ read: () throws(ContractError) -> Value
  ) throws(ContractError) -> Value {
    do { return try read() } catch { throw error.within(field) }
  }

  /// Reads every element of a repeated field.
  static func each<Element, Value>(
    _ elements: [Element], at field: String, _ read: (Element) throws(ContractError) -> Value
  ) throws(ContractError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      do { values.append(try read(element)) } catch { throw error.within("\(field)[\(index)]") }
    }
    return values
  }

  static func required(_ field: String, _ expected: String) -> ContractError {
    ContractError(.required, field: field, expected: expected)
  }

  /// A value that the message's type allows and the model does not.
  static func outOfRange(_ field: String, _ expected: [String]) -> ContractError {
    ContractError(.outOfRange, field: field, expected: expected.joined(separator: ", "))
  }

  private static let isoDuration = "an ISO 8601 duration, such as P180D"
}
