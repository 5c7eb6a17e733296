/// Delivered journeys of other people, made in SQL from one that really happened: the same rows under other ids.
enum FillerSQL {
  private static let person = "md5('filler person ' || i)::uuid"
  private static let request = "md5('filler request ' || i)::uuid"
  private static let address = "'filler-' || i || '@fabrikam.example'"

  /// Each table of a journey, and what differs from person to person.
  private static let tables: [(table: String, differing: [(column: String, value: String)])] = [
    (
      "intake.subject",
      [("id", person), ("name", "'filler-' || i"), ("email", address), ("email_key", address)]
    ),
    (
      "intake.request",
      [("id", request), ("target_subject", person), ("requestor", person), ("assignment", request)]
    ),
    ("provisioning.guest", [("id", person), ("email", address)]),
    ("provisioning.account", [("guest", person), ("external_id", person)]),
    ("provisioning.assignment", [("id", request), ("target", person), ("email", address)]),
    ("provisioning.entitlement", [("guest", person), ("claims", "jsonb_build_array(\(request))")]),
    (
      "directory.\"user\"",
      [("id", person), ("account_name", address), ("email", address), ("owner_mark", person)]
    ),
    ("directory.membership", [("user", person)]),
    ("expiry.deadline", [("aggregate", request)]),
  ]

  /// The rows of one delivered journey, by table.
  private static func template(_ table: String) -> String {
    let journey =
      "(SELECT id, target_subject FROM intake.request WHERE kind = 'userAdd' AND state = 'delivered' LIMIT 1)"
    let key =
      switch table {
      case "intake.subject": "t.id = j.target_subject"
      case "intake.request", "provisioning.assignment": "t.id = j.id"
      case "provisioning.guest": "t.id = j.target_subject"
      case "provisioning.account", "provisioning.entitlement": "t.guest = j.target_subject"
      case "directory.membership": "t.\"user\" = j.target_subject"
      case "expiry.deadline": "t.aggregate = j.id"
      case _: "t.id = j.target_subject"
      }
    return "SELECT t FROM \(table) t JOIN \(journey) j ON \(key)"
  }

  static func statements(count: Int) -> [String] {
    tables.map { table, differing in
      let pairs = differing.map { "'\($0.column)', \($0.value)" }.joined(separator: ", ")
      return """
        INSERT INTO \(table) SELECT filled.* FROM (\(template(table))) AS template (t), generate_series(1, \(count)) AS i,
          jsonb_populate_record(template.t, jsonb_build_object(\(pairs))) AS filled
        """
    } + ["ANALYZE"]
  }
}
