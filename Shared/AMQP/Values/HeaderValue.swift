/// A value in a message's headers or in the arguments of a declaration.
package enum HeaderValue: Sendable, Equatable {
  case string(String)
  case int64(Int64)
  case bool(Bool)
  case double(Double)
  case bytes([UInt8])
  /// Whole seconds since 1970-01-01T00:00:00Z.
  case timestamp(UInt64)
  case void
  /// A nested list. It is decoded only: an outgoing message carries none.
  case array([HeaderValue])
  /// A nested table. It is decoded only: an outgoing message carries none.
  case table([String: HeaderValue])

  /// The text, if the value is a string.
  package var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The number, if the value is an integer of any width.
  package var integer: Int64? {
    if case .int64(let value) = self { value } else { nil }
  }
}
