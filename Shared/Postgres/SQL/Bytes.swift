// Numbers on the wire are big endian.

extension [UInt8] {
  @inline(__always)
  mutating func appendBigEndian<Number: FixedWidthInteger>(_ number: Number) {
    Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
  }

  /// Appends what `write` appends, with its length in front.
  @inline(__always)
  mutating func appendSized(_ write: (inout [UInt8]) -> Void) {
    let start = count
    appendBigEndian(Int32(0))
    write(&self)
    overwrite(at: start, with: Int32(truncatingIfNeeded: count - start - 4))
  }

  @inline(__always)
  mutating func overwrite(at offset: Int, with number: Int32) {
    withUnsafeMutableBytes { $0.storeBytes(of: number.bigEndian, toByteOffset: offset, as: Int32.self) }
  }

  mutating func appendArrayHeader(count: Int, hasNull: Bool, element: UInt32) {
    appendBigEndian(Int32(count == 0 ? 0 : 1))
    appendBigEndian(Int32(hasNull ? 1 : 0))
    appendBigEndian(element)
    guard count > 0 else { return }
    appendBigEndian(Int32(truncatingIfNeeded: count))
    appendBigEndian(Int32(1))
  }
}

extension UnsafeRawBufferPointer {
  @inline(__always)
  func bigEndian<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Number {
    Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// The whole buffer as one number.
  @inline(__always)
  func number<Number: FixedWidthInteger>(_: Number.Type) throws(CellFailure) -> Number {
    guard count == MemoryLayout<Number>.size else { throw .malformed }
    return bigEndian(Number.self, at: 0)
  }
}
