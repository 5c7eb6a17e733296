import Postgres

extension Connection {
  /// How many blocks of a schema's tables and indexes `work` looks at: what its plan costs, whatever it skips.
  package func blocksFetched(of schema: String, by work: () throws -> Void) throws -> Int {
    let before = try blocksFetched(of: schema)
    try work()
    return try blocksFetched(of: schema) - before
  }

  private func blocksFetched(of schema: String) throws -> Int {
    try value(
      """
      SELECT coalesce(sum(pg_stat_get_xact_blocks_fetched(oid)), 0)::bigint FROM pg_class
      WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = \(schema)) AND relkind IN ('r', 'i')
      """, as: Int.self)
  }
}
