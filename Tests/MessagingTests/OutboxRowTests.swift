import Testing

@testable import Messaging

@Suite("Bytes of an outbox row") struct OutboxRowTests {
  @Test("Events come back as they were stored")
  func roundTrip() throws {
    let events = try [
      Note.event(""), Note.event("größer"), Note.event(String(repeating: "x", count: 70_000)),
    ]
    let decoded = try #require(OutboxRow.decode(OutboxRow.encode(events)))
    #expect(decoded.map(\.id) == events.map(\.id))
    #expect(decoded.map(\.aggregate) == events.map(\.aggregate))
    #expect(decoded.map(\.tenant) == events.map(\.tenant))
    #expect(decoded.map(\.type) == events.map(\.type))
    #expect(decoded.map(\.number) == events.map(\.number))
    #expect(decoded.map(\.body) == events.map(\.body))
    #expect(OutboxRow.decode([])?.isEmpty == true)
  }

  @Test("Bytes that are cut short or strange are none of ours, and crash nobody")
  func refusesDamage() throws {
    let bytes = OutboxRow.encode([try Note.event("note")])
    for length in 1..<bytes.count { #expect(OutboxRow.decode(Array(bytes.prefix(length))) == nil) }
    var unknownType = bytes
    unknownType[64] = UInt8(ascii: "?")
    #expect(OutboxRow.decode(unknownType) == nil)
    var endless = bytes
    for index in 56..<64 { endless[index] = 0xFF }
    #expect(OutboxRow.decode(endless) == nil)
  }
}
