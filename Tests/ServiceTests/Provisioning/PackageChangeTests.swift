import EntitlementModel
import Foundation
import Postgres
import Protocols
import Synchronization
import Testing

@testable import Messaging
@testable import Provisioning

@Suite("A package changes while people hold it (decision 24)")
struct PackageChangeTests {
  @Test("A role that is new is granted to all holders, one that is gone is taken from them; ends stay")
  func follows() async throws {
    try await ProvisioningFixture.run(roles: ["reader"]) { service in
      let requests = (0..<3).map { service.request(for: service.person("p\($0)")) }
      try await service.fulfil(requests)
      let before = try await service.assignment(requests[0].id)
      try await service.configure(service.package, roles: ["reader", "writer"], number: 2)
      #expect(try await service.memberships() == 3)
      try await service.changePackages()
      #expect(try await service.memberships() == 6)
      try await service.configure(service.package, roles: ["writer"], number: 3)
      try await service.changePackages()
      #expect(try await service.sql("SELECT DISTINCT role FROM directory.membership") == "writer")
      #expect(try await service.memberships() == 3)
      #expect(try await service.assignment(requests[0].id) == before)
    }
  }

  @Test("What another package gives stays (decision 18)")
  func keepsWhatOthersGive() async throws {
    try await ProvisioningFixture.run(roles: ["reader"]) { service in
      let (person, other) = (service.person(), UUID())
      try await service.configure(other, roles: ["reader", "writer"])
      try await service.fulfil([
        service.request(for: person), service.request(for: person, package: other),
      ])
      try await service.configure(other, roles: ["writer"], number: 2)
      try await service.changePackages()
      #expect(try await service.memberships() == 2)
      try await service.configure(service.package, roles: [], number: 2)
      try await service.changePackages()
      #expect(try await service.sql("SELECT role FROM directory.membership") == "writer")
    }
  }

  @Test("Page by page, from where it was; a newer change begins anew; what has ended gets nothing")
  func resumes() async throws {
    try await ProvisioningFixture.run(roles: ["reader"]) { service in
      let requests = (0..<450).map { service.request(for: service.person("p\($0)")) }
      try await service.fulfil(requests)
      let gone = requests[449]
      try await service.fulfil([
        service.request(.userRemove, for: gone.target, assignment: gone.id)
      ])
      try await service.configure(service.package, roles: ["reader", "writer"], number: 2)
      #expect(try await service.progress() == [[0, 449]])
      try await service.changePage()
      #expect(try await service.progress() == [[200, 249]])
      #expect(try await service.ageOfOldestChange() > 0, "the gauge tells of a change that does not go on")
      #expect(try await service.memberships() == 449 + 200)
      try await service.configure(service.package, roles: ["reader", "owner"], number: 3)
      #expect(try await service.progress() == [[0, 449]])
      try await service.changePackages()
      #expect(try await service.progress().isEmpty)
      #expect(try await service.ageOfOldestChange() == 0)
      #expect(
        try await service.sql("SELECT role, count(*) FROM directory.membership GROUP BY role ORDER BY role")
          == "owner|449\nreader|449")
    }
  }

  @Test("An older state that comes late moves nothing back")
  func ignoresOlder() async throws {
    try await ProvisioningFixture.run(roles: ["reader"]) { service in
      try await service.fulfil([service.request(for: service.person())])
      try await service.configure(service.package, roles: ["writer"], number: 3)
      try await service.configure(service.package, roles: ["reader", "owner"], number: 2)
      try await service.changePackages()
      #expect(try await service.sql("SELECT role FROM directory.membership") == "writer")
    }
  }

  @Test("At an external connector a worker does it; what ends meanwhile waits for its revocations")
  func external() async throws {
    let outage = Switch()
    try await ProvisioningFixture.run(fault: { outage.fault }, roles: ["reader"]) { service in
      let request = service.request(for: service.person())
      try await service.fulfil([request])
      try await service.work()
      outage.turn(to: .down)
      try await service.configure(service.package, roles: ["writer"], number: 2)
      try await service.changePackages()
      try await service.fulfil([service.request(.userRemove, for: request.target, assignment: request.id)])
      try await service.work()
      #expect(
        try await service.assignment(request.id)?.state == .removing, "the reader's role is still there")
      outage.turn(to: nil)
      service.advance(by: .days(1))
      try await service.work()
      #expect(try await service.assignment(request.id)?.state == .expired)
      #expect(try await service.memberships() == 0)
    }
  }

  @Test("A change waits for the deliveries that go by the package as it was")
  func waitsForDeliveries() async throws {
    try await ProvisioningFixture.run(roles: ["reader"]) { service in
      let order = Mutex<[String]>([])
      let delivering = AsyncStream<Void>.makeStream()
      async let delivery: [Told] = service.commit { work in
        try PackageChangeTable(connection: work.connection).share([service.package])
        delivering.continuation.yield()
        while try work.connection.value(Self.isAnyoneWaiting, as: Bool.self) == false {}
        order.withLock { $0.append("delivered") }
      }
      for await _ in delivering.stream { break }
      try await service.configure(service.package, roles: ["writer"], number: 2)
      order.withLock { $0.append("changed") }
      _ = try await delivery
      #expect(order.withLock(\.self) == ["delivered", "changed"])
    }
  }

  private static let isAnyoneWaiting: SQL = """
    SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    """
}

extension ProvisioningFixture {
  func changePage() async throws {
    let change = ChangePackages(settle: settle)
    try await commit { work in _ = try change(work) }
  }

  func changePackages() async throws {
    while try await !progress().isEmpty { try await changePage() }
  }

  /// How many assignments were looked at, and how many are still to be, by change.
  func ageOfOldestChange() async throws -> Double {
    try await transactor.read(tenants: [tenant]) { try PackageChangeTable(connection: $0).oldest() }
  }

  func progress() async throws -> [[Int]] {
    let tenant = tenant
    return try await transactor.read(tenants: [tenant]) { connection in
      try PackageChangeTable(connection: connection).list(of: tenant).map { [$0.change.done, $0.left] }
    }
  }
}
