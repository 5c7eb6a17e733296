import Foundation

/// The events of one transaction in the bytes of one outbox row: for each its id, aggregate, tenant, number, type
/// and body, integers big-endian.
enum OutboxRow {
  static func encode(_ events: [Event]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(events.reduce(0) { $0 + 96 + $1.body.count })
    for event in events {
      for id in [event.id, event.aggregate, event.tenant] { withUnsafeBytes(of: id.uuid) { bytes += $0 } }
      append(UInt64(event.number), to: &bytes)
      append(UInt64(event.type.rawValue.utf8.count), to: &bytes)
      bytes += event.type.rawValue.utf8
      append(UInt64(event.body.count), to: &bytes)
      bytes += event.body
    }
    return bytes
  }

  /// Nil when the bytes are none of ours, or of a release that knows more types than this one.
  static func decode(_ bytes: [UInt8]) -> [Event]? {
    var (rest, events) = (bytes[...], [Event]())
    while !rest.isEmpty {
      guard let id = takeID(&rest), let aggregate = takeID(&rest), let tenant = takeID(&rest),
        let number = takeInteger(&rest), let name = takeBytes(&rest),
        let type = EventType(rawValue: String(decoding: name, as: UTF8.self)), let body = takeBytes(&rest)
      else { return nil }
      events.append(
        Event(id: id, type: type, aggregate: aggregate, tenant: tenant, number: number, bytes: Array(body)))
    }
    return events
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
  }

  private static func takeInteger(_ rest: inout ArraySlice<UInt8>) -> Int? {
    guard rest.count >= 8 else { return nil }
    defer { rest = rest.dropFirst(8) }
    return Int(truncatingIfNeeded: rest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private static func takeBytes(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let count = takeInteger(&rest), count >= 0, rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static func takeID(_ rest: inout ArraySlice<UInt8>) -> UUID? {
    guard rest.count >= 16 else { return nil }
    defer { rest = rest.dropFirst(16) }
    return rest.prefix(16).withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
  }
}
