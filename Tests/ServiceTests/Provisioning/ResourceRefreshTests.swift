import Contracts
import EntitlementModel
import Foundation
import Logging
import Postgres
import Protocols
import SwiftProtobuf
import Synchronization
import Testing

@testable import Messaging
@testable import Provisioning

@Suite("Origins of resources")
struct ResourceRefreshTests {
  @Test("A resource without a list takes any role, one with a list offers that; each asking is answered once")
  func embedded() async throws {
    try await ProvisioningFixture.run { provisioning in
      try await provisioning.askRefresh()
      try await provisioning.askRefresh()
      #expect(try await provisioning.refreshes().visit() == 1)
      #expect(try await provisioning.observations().map(\.offersAnyRole) == [true])
      #expect(try await provisioning.refreshes().visit() == 0)
      try await provisioning.sql("UPDATE directory.resource SET roles = '{writer,reader}' WHERE id = 'wiki'")
      try await provisioning.askRefresh()
      #expect(try await provisioning.refreshes().visit() == 1)
      #expect(try await provisioning.observations().last?.roles == ["reader", "writer"])
    }
  }

  @Test("What is not there, and whom no connector reaches, is told")
  func missing() async throws {
    try await ProvisioningFixture.run { provisioning in
      try await provisioning.askRefresh(origin: "nothing")
      _ = try await provisioning.refreshes().visit()
      try await provisioning.askRefresh(system: "nowhere")
      _ = try await provisioning.refreshes().visit()
      #expect(
        try await provisioning.observations().map(\.failure) == ["resourceMissing", "connectorRefused"])
    }
  }

  @Test("An external connector that is down is asked again; after five attempts that is told")
  func external() async throws {
    let isDown = Mutex(true)
    try await ProvisioningFixture.run(fault: { isDown.withLock { $0 } ? .down : nil }) { provisioning in
      try await provisioning.askRefresh()
      #expect(try await provisioning.refreshes().visit() == 1)
      #expect(try await provisioning.observations().isEmpty)
      #expect(try await provisioning.refreshes().visit() == 0)
      isDown.withLock { $0 = false }
      provisioning.advance(by: Period(seconds: 31))
      #expect(try await provisioning.refreshes().visit() == 1)
      #expect(try await provisioning.observations().map(\.failure) == [""])
      isDown.withLock { $0 = true }
      try await provisioning.askRefresh()
      for _ in 0..<5 {
        #expect(try await provisioning.refreshes().visit() == 1)
        provisioning.advance(by: Period(seconds: 31))
      }
      #expect(try await provisioning.refreshes().visit() == 0)
      #expect(try await provisioning.observations().map(\.failure) == ["", "connectorUnavailable"])
    }
  }
}

extension ProvisioningFixture {
  func askRefresh(origin: String = "wiki", system: String = "directory") async throws {
    let object = Vestibule_Model_V1_ConfigurationObject.with {
      ($0.id, $0.tenant, $0.name) = (Self.resource.text, tenant.text, "wiki")
      $0.resource = .with { ($0.originSystem, $0.originID, $0.roles) = (system, origin, ["reader"]) }
    }
    let event = received(
      .resourceRefreshAsked, Self.resource, Vestibule_Events_V1_ConfigurationEvent.with { $0.object = object }
    )
    try await commit { work in try FollowRefreshes()([event], work) }
  }

  func refreshes() -> ResourceRefreshWorker {
    ResourceRefreshWorker(
      transactor: transactor, connectors: settle.connectors,
      logger: Logger(label: "provisioning-tests") { _ in SwiftLogNoOpLogHandler() })
  }

  /// What was told of resources, oldest first: the broker is never there, so all of it is in the outbox.
  func observations() async throws -> [Vestibule_Events_V1_ResourceObservation] {
    let events = try await transactor.read(tenants: [tenant]) { connection in
      try connection.values("SELECT events FROM outbox ORDER BY created_at", as: [UInt8].self)
        .flatMap { OutboxRow.decode($0) ?? [] }
    }
    return try events.filter { $0.type == .resourceObserved }
      .map { try Vestibule_Events_V1_ResourceObservation(serializedBytes: $0.body) }
  }
}
