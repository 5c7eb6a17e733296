package import Postgres

extension Connection {
  /// The schema's epoch: the first part of every version that is told.
  package func epoch() throws -> Int {
    try value("SELECT value FROM epoch", as: Int.self)
  }
}
