/// Whatever can be bound to a statement and read from a column: a value, an array, or an optional of either.
package protocol SQLCodable: Sendable {
  /// The object identifier that the parameter is declared with.
  static var parameterType: UInt32 { get }

  /// Appends the value's binary form. False means NULL, with nothing appended.
  func bind(into bytes: inout [UInt8]) -> Bool

  /// Reads a column.
  static func read(_ cell: Cell) throws(CellFailure) -> Self
}

/// What an array may hold: a value or an optional value.
package protocol SQLElement: Sendable {
  /// The object identifier of the array that holds such elements.
  static var arrayType: UInt32 { get }

  static func bindArray(_ values: [Self], into bytes: inout [UInt8])

  static func readArray(_ cell: Cell) throws(CellFailure) -> [Self]
}

/// One PostgreSQL value that is not null, in the binary format.
///
/// An enumeration or identifier whose raw value is an `SQLValue` needs the conformance alone:
/// `extension State: SQLValue {}`.
package protocol SQLValue: SQLCodable, SQLElement {
  static var type: SQLType { get }

  /// Whether a column of this type can be read without loss.
  static func accepts(_ oid: UInt32) -> Bool

  func encode(into bytes: inout [UInt8])

  static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> Self
}

/// One column of one row: the bytes live as long as the row is being read.
package struct Cell {
  let bytes: UnsafeRawBufferPointer?
  let type: UInt32
}

/// Why a column could not be read as what was asked for.
package enum CellFailure: Error {
  case type
  case null
  case malformed
}

extension SQLValue {
  package static var parameterType: UInt32 { type.oid }
  package static var arrayType: UInt32 { type.array }
  package static func accepts(_ oid: UInt32) -> Bool { oid == type.oid }

  package func bind(into bytes: inout [UInt8]) -> Bool {
    encode(into: &bytes)
    return true
  }

  package static func read(_ cell: Cell) throws(CellFailure) -> Self {
    guard accepts(cell.type) else { throw .type }
    guard let bytes = cell.bytes else { throw .null }
    return try decode(bytes, type: cell.type)
  }
}

extension SQLValue where Self: RawRepresentable, RawValue: SQLValue {
  package static var type: SQLType { RawValue.type }
  package static func accepts(_ oid: UInt32) -> Bool { RawValue.accepts(oid) }

  package func encode(into bytes: inout [UInt8]) {
    rawValue.encode(into: &bytes)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> Self {
    guard let value = Self(rawValue: try RawValue.decode(bytes, type: type)) else { throw .malformed }
    return value
  }
}

extension Optional: SQLCodable where Wrapped: SQLCodable {
  package static var parameterType: UInt32 { Wrapped.parameterType }

  package func bind(into bytes: inout [UInt8]) -> Bool {
    guard let self else { return false }
    return self.bind(into: &bytes)
  }

  package static func read(_ cell: Cell) throws(CellFailure) -> Wrapped? {
    guard cell.bytes != nil else { return nil }
    return try Wrapped.read(cell)
  }
}
