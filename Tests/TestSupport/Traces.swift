/// Where values are kept that are to be kept nowhere: in any column of any table, as text, in JSON or among bytes.
package enum Traces {
  /// - Returns: SQL that lists the tables of these schemas, each as one line.
  package static func tables(of schemas: [String]) -> String {
    """
    SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
    WHERE table_schema IN (\(schemas.map { "'\($0)'" }.joined(separator: ", "))) AND table_type = 'BASE TABLE' ORDER BY 1
    """
  }

  /// - Returns: SQL that lists those of the tables with a row that contains one of the values.
  package static func search(_ tables: [String], for values: [String]) -> String {
    let patterns = values.flatMap { value in
      [value, value.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()]
    }.map { "'%\($0)%'" }.joined(separator: ", ")
    return tables.map { table in
      "SELECT '\(table)' WHERE EXISTS (SELECT FROM \(table) t WHERE t::text ILIKE ANY (ARRAY[\(patterns)]))"
    }.joined(separator: "\nUNION ALL\n")
  }
}
