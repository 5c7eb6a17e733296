/// One step of a schema's history.
package struct Migration: Hashable, Sendable {
  /// Such as `M0001_request`; it starts with a letter, as the names of embedded resources must.
  package let name: String
  package let sql: String
  /// Whether a binary that does not know the step may run on it: the SQL's first line is `-- compatible`.
  package let isCompatible: Bool

  package init(name: String, sql: String) {
    self.name = name
    self.sql = sql
    isCompatible = sql.prefix { !$0.isNewline } == "-- compatible"
  }

  /// A migration from an embedded resource.
  package init(name: String, sql: [UInt8]) {
    self.init(name: name, sql: String(decoding: sql, as: UTF8.self))
  }
}
