/// The database and the roles of all services, as SQL that may run again and again.
struct DatabaseRoles {
  static let database = "vestibule"
  let credentials: [ServiceCredentials]

  func create(on server: PostgresServer) async throws {
    try await server.execute(
      Self.unless(
        "SELECT FROM pg_database WHERE datname = '\(Self.database)'", "CREATE DATABASE \(Self.database)")
        + "REVOKE ALL ON DATABASE \(Self.database) FROM PUBLIC;\n"
        + credentials.map(statements(of:)).joined())
  }

  /// The owner makes and changes the schema; the service's own role gets what the migration grants.
  private func statements(of service: ServiceCredentials) -> String {
    let path = service.schemas.joined(separator: ", ")
    let roles = [(service.ownerRole, service.ownerPassword), (service.role, service.rolePassword)]
    return roles.map { name, password in
      Self.unless("SELECT FROM pg_roles WHERE rolname = '\(name)'", "CREATE ROLE \(name)") + """
        ALTER ROLE \(name) LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '\(password)';
        ALTER ROLE \(name) SET search_path = \(path);
        GRANT CONNECT ON DATABASE \(Self.database) TO \(name);

        """
    }.joined() + "GRANT CREATE ON DATABASE \(Self.database) TO \(service.ownerRole);\n"
  }

  /// `CREATE ROLE` and `CREATE DATABASE` have no `IF NOT EXISTS`: `psql` runs what the query gives.
  private static func unless(_ exists: String, _ statement: String) -> String {
    "SELECT '\(statement)' WHERE NOT EXISTS (\(exists)) \\gexec\n"
  }
}
