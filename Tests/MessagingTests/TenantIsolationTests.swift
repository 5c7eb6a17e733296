import Foundation
import Postgres
import Testing
import TestSupport

@testable import Messaging

/// Goal: a transaction sees and writes the rows of the tenants that it entered, whatever its SQL says.
@Suite("Isolation of tenants") struct TenantIsolationTests {
  private let own = UUID()
  private let foreign = UUID()

  private func write(_ tenant: UUID, _ transactor: Transactor, entering: Set<UUID>) async throws {
    try await transactor.commit(tenants: entering) { work in
      try Note.write([(Note.newID(), tenant, "note")], on: work.connection)
    }
  }

  private func seen(_ connection: Connection) throws -> Int {
    try connection.value("SELECT count(*) FROM note", as: Int.self)
  }

  @Test("Rows of a tenant that was not entered can be neither read nor changed nor written")
  func foreignRowsAreInvisible() async throws {
    let bench = try await MessagingBench()
    let transactor = bench.transactor(bench.outbox())
    for tenant in [own, foreign] { try await write(tenant, transactor, entering: [tenant]) }
    #expect(try await transactor.read(tenants: [own], seen) == 1)
    #expect(try await transactor.read(tenants: [], seen) == 0)
    #expect(try await transactor.read(tenants: [own, foreign], seen) == 2)
    let deleted = try await transactor.commit(tenants: [own]) { work in
      try work.connection.execute("DELETE FROM note")
    }
    #expect(deleted == 1)
    #expect(try await bench.count("note") == 1)
    let refused = await #expect(throws: DatabaseError.self) {
      try await write(foreign, transactor, entering: [own])
    }
    #expect(refused?.code == .insufficientPrivilege)
  }

  @Test("Work that learns its tenants inside enters them, for this transaction alone")
  func entersInside() async throws {
    let bench = try await MessagingBench()
    let transactor = bench.transactor(bench.outbox())
    for tenant in [own, foreign] { try await write(tenant, transactor, entering: [tenant]) }
    let counts = try await transactor.commit(tenants: []) { work in
      let before = try seen(work.connection)
      try work.enter([own])
      let one = try seen(work.connection)
      try work.enter([foreign])
      return [before, one, try seen(work.connection)]
    }
    #expect(counts == [0, 1, 2])
    for _ in 0..<20 { #expect(try await transactor.read(tenants: [], seen) == 0) }
  }

  @Test("A query outside any tenant's transaction fails or sees nothing")
  func noTenantSeesNothing() async throws {
    let bench = try await MessagingBench()
    try await write(own, bench.transactor(bench.outbox()), entering: [own])
    let visible = try? await bench.database.transaction(seen)
    #expect(visible == nil || visible == 0)
  }
}
