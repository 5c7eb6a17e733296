import EntitlementModel
import Foundation
import Testing

@testable import ServiceRuntime

@Suite("How far telling again has come")
struct RepublishPositionTests {
  private let aggregates = ["assignment", "guest"]

  @Test("One aggregate after the other, each to its last page")
  func goesOn() throws {
    let id = UUID()
    let first = try RepublishPosition("", in: aggregates)
    let second = try #require(first.following(id))
    #expect(try RepublishPosition(second.text, in: aggregates) == second)
    #expect(second.index == 0 && second.after == id)
    let guests = try #require(second.following(nil))
    #expect(try RepublishPosition(guests.text, in: aggregates) == guests)
    #expect(guests.index == 1 && guests.after == nil)
    #expect(guests.following(nil) == nil)
  }

  @Test("What no answer gave is refused", arguments: ["request", "guest x", "guest a b", " "])
  func malformed(text: String) {
    #expect(throws: Refusal.self) { try RepublishPosition(text, in: aggregates) }
  }
}
