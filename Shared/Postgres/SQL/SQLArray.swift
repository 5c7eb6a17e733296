extension Array: SQLCodable where Element: SQLElement {
  package static var parameterType: UInt32 { Element.arrayType }

  package func bind(into bytes: inout [UInt8]) -> Bool {
    Element.bindArray(self, into: &bytes)
    return true
  }

  package static func read(_ cell: Cell) throws(CellFailure) -> [Element] {
    try Element.readArray(cell)
  }
}

// The binary form of an array: dimensions, null flag, element type, length, lower bound; then each element with its
// length in front, -1 for NULL.

extension SQLElement where Self: SQLValue {
  package static func bindArray(_ values: [Self], into bytes: inout [UInt8]) {
    bytes.appendArrayHeader(count: values.count, hasNull: false, element: type.oid)
    for value in values {
      bytes.appendSized { value.encode(into: &$0) }
    }
  }

  package static func readArray(_ cell: Cell) throws(CellFailure) -> [Self] {
    var reader = try ArrayReader(cell, accepts: accepts)
    var values: [Self] = []
    values.reserveCapacity(reader.count)
    while reader.count > 0 {
      guard let bytes = try reader.next() else { throw .null }
      values.append(try decode(bytes, type: reader.type))
    }
    return values
  }
}

extension Optional: SQLElement where Wrapped: SQLValue {
  package static var arrayType: UInt32 { Wrapped.type.array }

  package static func bindArray(_ values: [Wrapped?], into bytes: inout [UInt8]) {
    let hasNull = values.contains { $0 == nil }
    bytes.appendArrayHeader(count: values.count, hasNull: hasNull, element: Wrapped.type.oid)
    for value in values {
      if let value {
        bytes.appendSized { value.encode(into: &$0) }
      } else {
        bytes.appendBigEndian(Int32(-1))
      }
    }
  }

  package static func readArray(_ cell: Cell) throws(CellFailure) -> [Wrapped?] {
    var reader = try ArrayReader(cell, accepts: Wrapped.accepts)
    var values: [Wrapped?] = []
    values.reserveCapacity(reader.count)
    while reader.count > 0 {
      if let bytes = try reader.next() {
        values.append(try Wrapped.decode(bytes, type: reader.type))
      } else {
        values.append(nil)
      }
    }
    return values
  }
}

/// Walks the elements of a one-dimensional array.
private struct ArrayReader {
  private var rest: UnsafeRawBufferPointer.SubSequence
  private(set) var count: Int
  let type: UInt32

  init(_ cell: Cell, accepts: (UInt32) -> Bool) throws(CellFailure) {
    guard let element = SQLType.element(ofArray: cell.type), accepts(element) else { throw .type }
    guard let bytes = cell.bytes else { throw .null }
    guard bytes.count >= 12 else { throw .malformed }
    type = element
    switch bytes.bigEndian(Int32.self, at: 0) {
    case 0:
      count = 0
      rest = bytes[bytes.endIndex...]
    case 1:
      guard bytes.count >= 20 else { throw .malformed }
      count = Int(bytes.bigEndian(Int32.self, at: 12))
      rest = bytes[20...]
    default:
      throw .type
    }
  }

  /// The next element, nil for NULL.
  mutating func next() throws(CellFailure) -> UnsafeRawBufferPointer? {
    guard rest.count >= 4 else { throw .malformed }
    count -= 1
    let length = Int(UnsafeRawBufferPointer(rebasing: rest).bigEndian(Int32.self, at: 0))
    rest = rest.dropFirst(4)
    guard length >= 0 else { return nil }
    guard rest.count >= length else { throw .malformed }
    defer { rest = rest.dropFirst(length) }
    return UnsafeRawBufferPointer(rebasing: rest.prefix(length))
  }
}
