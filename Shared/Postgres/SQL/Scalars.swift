extension Bool: SQLValue {
  package static var type: SQLType { .bool }

  package func encode(into bytes: inout [UInt8]) {
    bytes.append(self ? 1 : 0)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> Bool {
    try bytes.number(UInt8.self) != 0
  }
}

extension Int16: SQLValue {
  package static var type: SQLType { .int2 }

  package func encode(into bytes: inout [UInt8]) {
    bytes.appendBigEndian(self)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> Int16 {
    try bytes.number(Int16.self)
  }
}

extension Int32: SQLValue {
  package static var type: SQLType { .int4 }

  package static func accepts(_ oid: UInt32) -> Bool {
    oid == SQLType.int4.oid || oid == SQLType.int2.oid
  }

  package func encode(into bytes: inout [UInt8]) {
    bytes.appendBigEndian(self)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> Int32 {
    if type == SQLType.int2.oid { return Int32(try bytes.number(Int16.self)) }
    return try bytes.number(Int32.self)
  }
}

extension Int64: SQLValue {
  package static var type: SQLType { .int8 }

  package static func accepts(_ oid: UInt32) -> Bool {
    oid == SQLType.int8.oid || Int32.accepts(oid)
  }

  package func encode(into bytes: inout [UInt8]) {
    bytes.appendBigEndian(self)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> Int64 {
    if type == SQLType.int8.oid { return try bytes.number(Int64.self) }
    return Int64(try Int32.decode(bytes, type: type))
  }
}

extension Int: SQLValue {
  package static var type: SQLType { .int8 }
  package static func accepts(_ oid: UInt32) -> Bool { Int64.accepts(oid) }

  package func encode(into bytes: inout [UInt8]) {
    bytes.appendBigEndian(Int64(self))
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> Int {
    Int(try Int64.decode(bytes, type: type))
  }
}

extension Double: SQLValue {
  package static var type: SQLType { .float8 }

  package static func accepts(_ oid: UInt32) -> Bool {
    oid == SQLType.float8.oid || oid == SQLType.float4.oid
  }

  package func encode(into bytes: inout [UInt8]) {
    bytes.appendBigEndian(bitPattern)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> Double {
    if type == SQLType.float4.oid { return Double(Float(bitPattern: try bytes.number(UInt32.self))) }
    return Double(bitPattern: try bytes.number(UInt64.self))
  }
}

extension String: SQLValue {
  package static var type: SQLType { .text }

  package static func accepts(_ oid: UInt32) -> Bool {
    oid == SQLType.text.oid || oid == SQLType.varchar.oid || oid == SQLType.bpchar.oid
      || oid == SQLType.name.oid
  }

  package func encode(into bytes: inout [UInt8]) {
    bytes.append(contentsOf: utf8)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> String {
    // The session's client_encoding is UTF8, so the server has validated the bytes.
    String(decoding: bytes, as: UTF8.self)
  }
}

/// `[UInt8]` is one bytea value, not an array of values: PostgreSQL has no type for single bytes.
extension UInt8: SQLElement {
  package static var arrayType: UInt32 { SQLType.bytea.oid }

  package static func bindArray(_ values: [UInt8], into bytes: inout [UInt8]) {
    bytes.append(contentsOf: values)
  }

  package static func readArray(_ cell: Cell) throws(CellFailure) -> [UInt8] {
    guard cell.type == SQLType.bytea.oid else { throw .type }
    guard let bytes = cell.bytes else { throw .null }
    return [UInt8](bytes)
  }
}

extension Array: SQLElement, SQLValue where Element == UInt8 {
  package static var type: SQLType { .bytea }

  package func encode(into bytes: inout [UInt8]) {
    bytes.append(contentsOf: self)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> [UInt8] {
    [UInt8](bytes)
  }
}
