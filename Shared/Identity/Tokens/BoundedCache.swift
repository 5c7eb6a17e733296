package import Foundation

/// Values that end, at most a given number of them. Two generations: when the young one is full it becomes
/// the old one and the old one is dropped, so that what is still asked for survives and nothing is scanned.
package struct BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    let value: Value
    let endsAt: Date
  }

  private let generation: Int
  private var young: [Key: Entry] = [:]
  private var old: [Key: Entry] = [:]

  package init(limit: Int) {
    generation = max(1, limit / 2)
  }

  package var count: Int { young.count + old.count }

  package mutating func value(for key: Key, at now: Date) -> Value? {
    if let entry = young[key] { return entry.endsAt > now ? entry.value : nil }
    guard let entry = old.removeValue(forKey: key), entry.endsAt > now else { return nil }
    insert(entry, for: key)
    return entry.value
  }

  package mutating func store(_ value: Value, for key: Key, until endsAt: Date) {
    old[key] = nil
    insert(Entry(value: value, endsAt: endsAt), for: key)
  }

  package mutating func removeAll() {
    (young, old) = ([:], [:])
  }

  private mutating func insert(_ entry: Entry, for key: Key) {
    if young.count >= generation { (old, young) = (young, [:]) }
    young[key] = entry
  }
}
