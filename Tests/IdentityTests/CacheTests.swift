import Foundation
import Testing

@testable import Identity

@Suite("What is remembered is bounded, and ends")
struct CacheTests {
  @Test("It never holds more than its limit, and keeps what is asked for")
  func bounded() {
    var cache = BoundedCache<Int, Int>(limit: 100)
    let now = Date()
    cache.store(-1, for: -1, until: .distantFuture)
    for number in 0..<10_000 {
      cache.store(number, for: number, until: .distantFuture)
      #expect(cache.value(for: -1, at: now) == -1)
      #expect(cache.count <= 101)
    }
    #expect(cache.value(for: 0, at: now) == nil)
    #expect(cache.value(for: 9_999, at: now) == 9_999)
  }

  @Test("What has ended is not given out")
  func ended() {
    var cache = BoundedCache<Int, Int>(limit: 10)
    let now = Date()
    cache.store(1, for: 1, until: now + 5)
    #expect(cache.value(for: 1, at: now + 4) == 1)
    #expect(cache.value(for: 1, at: now + 5) == nil)
  }
}
