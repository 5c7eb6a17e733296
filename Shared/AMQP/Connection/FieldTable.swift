import CRabbitMQ

/// Headers or arguments in the library's form, valid until the next call of `encode`.
final class FieldTable {
  private let arena: ByteArena
  private var entries: [amqp_table_entry_t] = []

  init(arena: ByteArena) {
    self.arena = arena
  }

  /// The bytes that the arena must have room for.
  static func byteCount(_ fields: [(String, HeaderValue)]) -> Int {
    fields.reduce(0) { $0 + $1.0.utf8.count + $1.1.byteCount }
  }

  /// Hands the library's table to `body`; the arena must have been begun with room for it.
  func encode<Result>(
    _ fields: [(String, HeaderValue)], appending others: [amqp_table_entry_t] = [],
    _ body: (amqp_table_t) throws(AMQPError) -> Result
  ) throws(AMQPError) -> Result {
    entries.removeAll(keepingCapacity: true)
    for (name, value) in fields {
      guard let value = field(value) else {
        throw AMQPError(.invalidMessage, "the header \(name) is a nested value, which is not sent")
      }
      entries.append(amqp_table_entry_t(key: arena.copy(name), value: value))
    }
    entries += others
    return try entries.withUnsafeMutableBufferPointer { entries throws(AMQPError) in
      try body(amqp_table_t(num_entries: Int32(entries.count), entries: entries.baseAddress))
    }
  }

  private func field(_ value: HeaderValue) -> amqp_field_value_t? {
    var field = amqp_field_value_t()
    switch value {
    case .string(let text): field.set(AMQP_FIELD_KIND_UTF8) { $0.bytes = arena.copy(text) }
    case .int64(let number): field.set(AMQP_FIELD_KIND_I64) { $0.i64 = number }
    case .bool(let flag): field.set(AMQP_FIELD_KIND_BOOLEAN) { $0.boolean = flag ? 1 : 0 }
    case .double(let number): field.set(AMQP_FIELD_KIND_F64) { $0.f64 = number }
    case .bytes(let bytes): field.set(AMQP_FIELD_KIND_BYTES) { $0.bytes = arena.copy(bytes) }
    case .timestamp(let seconds): field.set(AMQP_FIELD_KIND_TIMESTAMP) { $0.u64 = seconds }
    case .void: field.kind = UInt8(AMQP_FIELD_KIND_VOID.rawValue)
    case .array, .table: return nil
    }
    return field
  }
}

extension amqp_field_value_t {
  fileprivate mutating func set(
    _ kind: amqp_field_value_kind_t, _ assign: (inout amqp_field_value_t.__Unnamed_union_value) -> Void
  ) {
    self.kind = UInt8(kind.rawValue)
    assign(&value)
  }
}

extension HeaderValue {
  fileprivate var byteCount: Int {
    switch self {
    case .string(let text): text.utf8.count
    case .bytes(let bytes): bytes.count
    case .int64, .bool, .double, .timestamp, .void, .array, .table: 0
    }
  }
}
