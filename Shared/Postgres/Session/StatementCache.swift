/// The statements that one connection has prepared, by text and parameter types; the least recently used makes room.
struct StatementCache {
  struct Key: Hashable {
    let text: String
    let types: [UInt32]

    /// The types hardly ever differ where the text is the same.
    func hash(into hasher: inout Hasher) {
      hasher.combine(text)
    }
  }

  private struct Entry {
    let name: String
    var lastUse: UInt64
  }

  private let capacity: Int
  private var entries: [Key: Entry] = [:]
  private var clock: UInt64 = 0
  private var created = 0

  init(capacity: Int) {
    self.capacity = capacity
  }

  mutating func name(for key: Key) -> String? {
    clock += 1
    guard let index = entries.index(forKey: key) else { return nil }
    entries.values[index].lastUse = clock
    return entries.values[index].name
  }

  mutating func makeName() -> String {
    created += 1
    return "s\(created)"
  }

  mutating func insert(_ name: String, for key: Key) {
    entries[key] = Entry(name: name, lastUse: clock)
  }

  mutating func remove(_ key: Key) {
    entries[key] = nil
  }

  /// Takes out the statement that must be deallocated before another is prepared, if the cache is full.
  mutating func evict() -> String? {
    guard entries.count >= capacity else { return nil }
    guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return nil }
    entries[oldest.key] = nil
    return oldest.value.name
  }
}
