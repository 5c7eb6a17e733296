/// A statement and the values bound to it.
///
/// Interpolating a value binds it; it never becomes text. Interpolating another `SQL` inserts it with its placeholders
/// renumbered. Text from elsewhere needs the word `unsafe`.
/// ```
/// "SELECT id FROM \(unsafe: table) WHERE tenant = \(tenant) AND id = ANY(\(ids))"
/// ```
/// Statements are prepared and cached by their text: put what varies into values, lists into one array.
package struct SQL: Sendable {
  private(set) var text: String
  private(set) var parameters = Parameters()
  /// Where in the text (UTF-8 offsets) each placeholder's number starts, for renumbering.
  private var placeholders: [Int] = []

  /// A statement whose text comes from elsewhere; the caller answers for it.
  package init(unsafe text: String) {
    self.text = text
  }

  package static func + (left: SQL, right: SQL) -> SQL {
    var sum = left
    sum += right
    return sum
  }

  package static func += (left: inout SQL, right: SQL) {
    left.append(right)
  }

  fileprivate mutating func append(text more: String) {
    text += more
  }

  fileprivate mutating func append<Value: SQLCodable>(value: Value) {
    parameters.append(value)
    appendPlaceholder(parameters.count)
  }

  private mutating func appendPlaceholder(_ number: Int) {
    text += "$"
    placeholders.append(text.utf8.count)
    text += String(number)
  }

  private mutating func append(_ other: SQL) {
    let bound = parameters.count
    parameters.append(other.parameters)
    let source = other.text.utf8
    var position = source.startIndex
    for (index, placeholder) in other.placeholders.enumerated() {
      let number = source.index(source.startIndex, offsetBy: placeholder)
      text += other.text[position..<source.index(before: number)]
      appendPlaceholder(bound + index + 1)
      position = source[number...].firstIndex { !(48...57).contains($0) } ?? source.endIndex
    }
    text += other.text[position...]
  }
}

extension SQL: ExpressibleByStringInterpolation {
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var sql: SQL

    package init(literalCapacity: Int, interpolationCount: Int) {
      var text = ""
      text.reserveCapacity(literalCapacity + 3 * interpolationCount)
      sql = SQL(unsafe: text)
    }

    package mutating func appendLiteral(_ literal: String) {
      sql.append(text: literal)
    }

    package mutating func appendInterpolation<Value: SQLCodable>(_ value: Value) {
      sql.append(value: value)
    }

    package mutating func appendInterpolation(_ other: SQL) {
      sql += other
    }

    package mutating func appendInterpolation(unsafe text: String) {
      sql.append(text: text)
    }
  }

  package init(stringLiteral text: String) {
    self.init(unsafe: text)
  }

  package init(stringInterpolation: StringInterpolation) {
    self = stringInterpolation.sql
  }
}
