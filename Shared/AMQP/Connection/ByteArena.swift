import CRabbitMQ

/// Memory that the library reads while one call lasts: strings are copied in and handed out as `amqp_bytes_t`.
///
/// It grows once and is reused for every message, so that encoding a message allocates nothing.
final class ByteArena {
  private var storage: UnsafeMutableRawPointer
  private var capacity: Int
  private var used = 0

  init(capacity: Int = 4_096) {
    self.capacity = capacity
    storage = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit {
    storage.deallocate()
  }

  /// Forgets what was copied in and makes room. Room is given only here: growing moves what was handed out.
  func begin(byteCount: Int) {
    used = 0
    guard byteCount > capacity else { return }
    storage.deallocate()
    capacity = byteCount * 2
    storage = .allocate(byteCount: capacity, alignment: 16)
  }

  func copy(_ text: String) -> amqp_bytes_t { copy(text.utf8) }

  func copy(_ bytes: some Collection<UInt8>) -> amqp_bytes_t {
    let count = bytes.count
    precondition(used + count <= capacity, "the arena was begun with too few bytes")
    let start = storage + used
    UnsafeMutableRawBufferPointer(start: start, count: count).copyBytes(from: bytes)
    used += count
    return amqp_bytes_t(len: count, bytes: start)
  }
}

extension String {
  /// A copy of the library's bytes; what is not UTF-8 is repaired.
  init(_ bytes: amqp_bytes_t) {
    self.init(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
  }
}

extension [UInt8] {
  /// A copy of the library's bytes.
  init(_ bytes: amqp_bytes_t) {
    self.init(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len))
  }
}

extension amqp_bytes_t {
  static var empty: amqp_bytes_t { amqp_bytes_t(len: 0, bytes: nil) }
}
