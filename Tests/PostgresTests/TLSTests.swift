import Foundation
import LocalSystem
import Postgres
import TestSupport
import Testing

/// Goal: with `sslmode=verify-full` nothing but the right server is talked to. Method: a server with a certificate of
/// an authority made for the test, and a client that trusts it, or another one.
@Suite struct TLSTests {
  @Test func onlyATrustedServerIsTalkedTo() async throws {
    let directory = try TestDirectory.make()
    let server = try await PostgresServer(directory: directory)
    try await server.start()
    try await enableTLS(server)
    let trusted = try await version(server, host: "localhost", root: "root.crt")
    #expect(trusted?.hasPrefix("TLSv1.") == true)
    await #expect(throws: DatabaseError.self) {
      _ = try await version(server, host: "localhost", root: "stranger.crt")
    }
    // The certificate names localhost, not the address.
    await #expect(throws: DatabaseError.self) {
      _ = try await version(server, host: "127.0.0.1", root: "root.crt")
    }
    await server.stop()
    await TestDirectory.remove(directory)
  }

  /// The protocol of a connection that verifies the server by `root`.
  private func version(_ server: PostgresServer, host: String, root: String) async throws -> String? {
    let root = server.directory.appending(path: root).path
    let url = server.url.replacing("127.0.0.1", with: host) + "?sslmode=verify-full&sslrootcert=\(root)"
    return try await withDatabase(at: url, { $0.attempts = 1 }) { database in
      try await database.transaction { connection in
        try connection.value("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()", as: String?.self)
      }
    }
  }

  private func enableTLS(_ server: PostgresServer) async throws {
    let (directory, data) = (server.directory, try await server.execute("SHOW data_directory"))
    try await makeAuthority("root", in: directory)
    try await makeAuthority("stranger", in: directory)
    let names = directory.appending(path: "names.cnf")
    try "subjectAltName=DNS:localhost".write(to: names, atomically: true, encoding: .utf8)
    try await openssl(
      "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr", in: directory)
    try await openssl(
      "x509 -req -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -days 1 -extfile names.cnf "
        + "-out server.crt", in: directory)
    // The server's own user writes its files, whoever runs the tests.
    for file in ["server.key", "server.crt"] {
      let text = try String(contentsOf: directory.appending(path: file), encoding: .utf8)
      let path = "\(data.trimmingCharacters(in: .whitespacesAndNewlines))/\(file)"
      let program = "umask 077; cat > \(path)"
      try await server.execute(
        "COPY (SELECT unnest(string_to_array($x$\(text)$x$, E'\\n'))) TO PROGRAM '\(program)'")
    }
    try await server.execute("ALTER SYSTEM SET ssl = on")
    try await server.restart()
  }

  private func makeAuthority(_ name: String, in directory: URL) async throws {
    try await openssl(
      "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=\(name) -keyout \(name).key -out \(name).crt",
      in: directory)
  }

  private func openssl(_ arguments: String, in directory: URL) async throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = arguments.split(separator: " ").map(String.init)
    process.currentDirectoryURL = directory
    process.standardError = FileHandle.nullDevice
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in continuation.resume() }
      do {
        try process.run()
      } catch {
        process.terminationHandler = nil
        continuation.resume(throwing: error)
      }
    }
    #expect(process.terminationStatus == 0)
  }
}
