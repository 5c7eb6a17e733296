import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import ServiceRuntime

@Suite("Pages of lists")
struct PagingTests {
  private func refusal<Key: PageKey>(_ page: Vestibule_Model_V1_Page, as _: Key.Type) -> Reason.Code? {
    do throws(Refusal) {
      _ = try PageRequest<Key>(page)
      return nil
    } catch {
      return error.reasons.first?.code
    }
  }

  @Test("Sizes and tokens that are none of ours are refused")
  func refused() {
    #expect(refusal(.with { $0.pageSize = 1_001 }, as: UUID.self) == .outOfRange)
    #expect(refusal(.with { $0.pageSize = -1 }, as: UUID.self) == .outOfRange)
    #expect(refusal(.with { $0.pageToken = "?" }, as: UUID.self) == .malformed)
    #expect(refusal(.with { $0.pageToken = PageToken.encode("ada") }, as: InstantKey.self) == .malformed)
  }

  @Test("A full page says where the next begins, a shorter one ends the list")
  func goesOn() throws {
    let page = try PageRequest<String>(.with { $0.pageSize = 2 })
    #expect(page.nextToken(after: ["a"], \.self) == "")
    let token = page.nextToken(after: ["a", "b?/~"], \.self)
    #expect(try PageRequest<String>(.with { $0.pageToken = token }).after == "b?/~")
    #expect(try PageRequest<String>(Vestibule_Model_V1_Page()).limit == 100)
  }

  @Test("A key in the order of time keeps its microseconds")
  func instants() throws {
    let key = InstantKey(at: Date(microseconds: 1_790_000_000_000_001), id: UUID())
    let token = PageToken.encode(key)
    #expect(try PageRequest<InstantKey>(.with { $0.pageToken = token }).after == key)
  }
}
