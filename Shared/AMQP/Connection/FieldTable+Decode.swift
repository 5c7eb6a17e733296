import CRabbitMQ

extension Headers {
  /// A copy of the library's table.
  init(_ table: amqp_table_t) {
    let fields = UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries))
    self.init(fields.map { (name: String($0.key), value: HeaderValue($0.value)) })
  }
}

extension HeaderValue {
  /// A copy of the library's value. Integers of every width become one case.
  init(_ field: amqp_field_value_t) {
    self =
      switch amqp_field_value_kind_t(UInt32(field.kind)) {
      case AMQP_FIELD_KIND_UTF8: .string(String(field.value.bytes))
      case AMQP_FIELD_KIND_I64: .int64(field.value.i64)
      case AMQP_FIELD_KIND_I32: .int64(Int64(field.value.i32))
      case AMQP_FIELD_KIND_I16: .int64(Int64(field.value.i16))
      case AMQP_FIELD_KIND_I8: .int64(Int64(field.value.i8))
      case AMQP_FIELD_KIND_U64: .int64(Int64(clamping: field.value.u64))
      case AMQP_FIELD_KIND_U32: .int64(Int64(field.value.u32))
      case AMQP_FIELD_KIND_U16: .int64(Int64(field.value.u16))
      case AMQP_FIELD_KIND_U8: .int64(Int64(field.value.u8))
      case AMQP_FIELD_KIND_BOOLEAN: .bool(field.value.boolean != 0)
      case AMQP_FIELD_KIND_F64: .double(field.value.f64)
      case AMQP_FIELD_KIND_F32: .double(Double(field.value.f32))
      case AMQP_FIELD_KIND_BYTES: .bytes([UInt8](field.value.bytes))
      case AMQP_FIELD_KIND_TIMESTAMP: .timestamp(field.value.u64)
      case AMQP_FIELD_KIND_TABLE: .table(Headers(field.value.table).dictionary)
      case AMQP_FIELD_KIND_ARRAY: .array([HeaderValue](field.value.array))
      default: .void
      }
  }
}

extension [HeaderValue] {
  fileprivate init(_ array: amqp_array_t) {
    self = UnsafeBufferPointer(start: array.entries, count: Int(array.num_entries)).map { HeaderValue($0) }
  }
}
