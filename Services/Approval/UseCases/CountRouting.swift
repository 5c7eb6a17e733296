import Messaging

/// How many items say, in all tenants, that nobody can be found who decides (decision 15).
struct CountRouting: Sendable {
  let transactor: Transactor

  func callAsFunction() async throws -> Int {
    let tenants = try await transactor.read(tenants: []) { try RoutingMarkTable(connection: $0).tenants() }
    if tenants.isEmpty { return 0 }
    return try await transactor.read(tenants: tenants) {
      try RoutingTable(connection: $0).countOpen(of: tenants)
    }
  }
}
