/// Rows as they were read and as they are to be: what differs is written, once.
struct Tracked<Row: Hashable & Identifiable> where Row.ID: Comparable {
  private var stored: [Row.ID: Row] = [:]
  private(set) var current: [Row.ID: Row] = [:]

  mutating func load(_ rows: [Row]) {
    for row in rows {
      stored[row.id] = row
      current[row.id] = row
    }
  }

  subscript(id: Row.ID) -> Row? {
    get { current[id] }
    set { current[id] = newValue }
  }

  /// As it was read; nil for a new one.
  func before(_ id: Row.ID) -> Row? { stored[id] }

  /// In the order of their keys, so that transactions which write the same rows do not meet head-on.
  var inserted: [Row] {
    current.values.filter { stored[$0.id] == nil }.sorted { $0.id < $1.id }
  }

  var updated: [Row] {
    current.values.filter { row in stored[row.id].map { $0 != row } ?? false }.sorted { $0.id < $1.id }
  }
}
