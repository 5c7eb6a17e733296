import EntitlementModel
import Foundation
import GRPCCore
import GRPCProtobuf
import Identity
import Logging
import Postgres
import Protocols
import Synchronization
import Testing

@testable import ServiceRuntime

@Suite("Every call has a caller, every failure a status")
struct InterceptorTests {
  private func failure(
    _ error: (any Error)?, token: String? = "ada", logger: Logger? = nil
  ) async throws -> RPCError? {
    let api = EchoPrincipals()
    api.failure.withLock { $0 = error }
    let seen = Mutex<RPCError?>(nil)
    try await withServer(api, logger: logger ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
      client, _ in
      do {
        _ = try await resolve(client, token: token)
      } catch let error as RPCError {
        seen.withLock { $0 = error }
      }
    }
    return seen.withLock { $0 }
  }

  @Test("The method knows who calls, and the trace it belongs to")
  func caller() async throws {
    let api = EchoPrincipals()
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    try await withServer(api) { client, _ in
      #expect(try await resolve(client, token: "ada", trace: trace).externalSubject == "ada")
      _ = try await resolve(client, token: "grace", trace: "00-nonsense")
    }
    let calls = api.calls.withLock { $0 }
    #expect(calls.map { $0?.principal.externalSubject } == ["ada", "grace"])
    #expect(calls.map { $0?.traceParent?.text } == [trace, nil])
  }

  @Test("Without a good token no method is reached")
  func unauthenticated() async throws {
    let missing = try #require(try await failure(nil, token: nil))
    #expect(missing.code == .unauthenticated && missing.refusal?.reasons.first?.hint == "tokenMissing")
    let expired = try #require(try await failure(nil, token: "expired"))
    #expect(expired.code == .unauthenticated && expired.refusal?.reasons.first?.hint == "tokenExpired")
    #expect(try await failure(nil, token: "no-keys")?.code == .unavailable)
  }

  @Test("A refusal arrives whole")
  func refusal() async throws {
    let refusal = Refusal([
      Reason(.domainDenied, "This domain is denied.", field: "email", hint: "example.org"),
      Reason(.catalogNotPublished, "The catalog is not published."),
    ])
    let error = try #require(try await failure(refusal))
    #expect(error.code == .failedPrecondition)
    #expect(error.refusal == refusal)
    let status = try #require(try error.unpackGoogleRPCStatus())
    #expect(status.details.first?.errorInfo?.reason == "domainDenied")
    #expect(status.details.first?.errorInfo?.domain == "vestibule")
  }

  @Test(
    "The status is that of the first reason",
    arguments: [
      (Reason.Code.notFound, RPCError.Code.notFound), (.forbidden, .permissionDenied),
      (.malformed, .invalidArgument),
      (.versionConflict, .aborted), (.openRequestExists, .alreadyExists), (.overloaded, .resourceExhausted),
      (.organizationFull, .failedPrecondition),
    ])
  func codes(_ reason: Reason.Code, _ code: RPCError.Code) {
    #expect(Refusal(reason, "").status == code)
  }

  @Test("Of an unknown error the caller gets an incident's id, and the log its type")
  func incident() async throws {
    struct Broken: Error, CustomStringConvertible { var description: String { "a secret detail" } }
    let lines = LogLines()
    let error = try #require(try await failure(Broken(), logger: lines.logger))
    #expect(error.code == .internalError && !error.message.contains("secret"))
    let status = try #require(try error.unpackGoogleRPCStatus())
    let incident = try #require(status.details.first?.errorInfo?.metadata["incident"])
    let written = lines.written.withLock { $0 }
    #expect(written.count == 1)
    #expect(written.first?.contains(incident) == true && written.first?.contains("Broken") == true)
    #expect(written.first?.contains("secret") == false)
  }

  @Test("While the database is away, calls are worth another try")
  func databaseAway() async throws {
    let error = try #require(try await failure(DatabaseError(.connectionLost, message: "password=hunter2")))
    #expect(error.code == .unavailable && !error.message.contains("hunter2"))
    #expect(try await failure(DatabaseError(.syntaxError))?.code == .internalError)
  }

  @Test("Others ask request-intake once for a bearer, until told to forget")
  func remote() async throws {
    let api = EchoPrincipals()
    try await withServer(api) { _, port in
      let peer = try #require(PeerAddress("http://127.0.0.1:\(port)"))
      let remote = try RemotePrincipals(peer, files: .none)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await remote.run() }
        let first = try await remote.principal(for: "ada")
        #expect(first.externalSubject == "ada" && first.roles.count == 2 && first.isMember)
        #expect(try await remote.principal(for: "ada") == first)
        #expect(api.calls.withLock { $0.count } == 1)
        remote.invalidate()
        _ = try await remote.principal(for: "ada")
        #expect(api.calls.withLock { $0.count } == 2)
        await #expect {
          _ = try await remote.principal(for: "expired")
        } throws: { error in
          (error as? Refusal)?.reasons.first?.code == .unauthenticated
        }
        group.cancelAll()
      }
    }
  }
}

/// Keeps what is logged.
final class LogLines: Sendable {
  let written = Mutex<[String]>([])

  var logger: Logger {
    Logger(label: "test") { label in
      ConsoleLogHandler(label: label, level: .info, format: .text) { line in
        self.written.withLock { $0.append(line) }
      }
    }
  }
}
