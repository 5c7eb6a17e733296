/// The bound values of a statement, end to end in one buffer.
struct Parameters: Sendable {
  private(set) var bytes: [UInt8] = []
  private(set) var lengths: [Int32] = []
  private(set) var types: [UInt32] = []

  var count: Int { types.count }

  mutating func append<Value: SQLCodable>(_ value: Value) {
    let start = bytes.count
    let isPresent = value.bind(into: &bytes)
    lengths.append(isPresent ? Int32(truncatingIfNeeded: bytes.count - start) : -1)
    types.append(Value.parameterType)
  }

  mutating func append(_ other: Parameters) {
    bytes.append(contentsOf: other.bytes)
    lengths.append(contentsOf: other.lengths)
    types.append(contentsOf: other.types)
  }

  /// Calls `body` with what libpq takes: a pointer for each value (nil for NULL), lengths, formats (all binary).
  func withPointers<Result>(
    _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
  ) -> Result {
    guard count > 0 else { return body(nil, nil, nil) }
    return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { formats in
        formats.initialize(repeating: 1)
        return lengths.withUnsafeBufferPointer { lengths in
          bytes.withUnsafeBytes { bytes in
            // An empty value still needs a pointer, since nil is NULL; any will do when there are no bytes at all.
            var value = bytes.baseAddress ?? UnsafeRawPointer(lengths.baseAddress)
            for (index, length) in lengths.enumerated() {
              let pointer = length < 0 ? nil : value?.assumingMemoryBound(to: CChar.self)
              values.initializeElement(at: index, to: pointer)
              value = value.map { $0 + Int(max(length, 0)) }
            }
            return body(values.baseAddress, lengths.baseAddress, formats.baseAddress)
          }
        }
      }
    }
  }
}
