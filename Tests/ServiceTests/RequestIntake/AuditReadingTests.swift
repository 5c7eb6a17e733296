import Contracts
import EntitlementModel
import Foundation
import Identity
import Logging
import Messaging
import Protocols
import ServiceRuntime
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Who reads the audit")
struct AuditReadingTests {
  @Test("A tenant's administrators do; nobody else, and of another tenant nobody sees a row")
  func reading() async throws {
    try await IntakeFixture.run { intake in
      _ = try await intake.submit(by: intake.person("ann"))
      let sealer = AuditSealer(
        .requestIntake, transactor: try intake.transactor(), logger: Logger(label: "audit"))
      while try await sealer.seal() {}
      let api = AuditAPI(.requestIntake, transactor: try intake.transactor())
      func records(of tenant: UUID, for caller: Principal) async throws -> [Vestibule_Model_V1_AuditRecord] {
        try await intake.calling(as: caller) { context in
          try await api.list(request: .with { $0.tenant = tenant.text }, context: context).records
        }
      }
      let seen = try await records(of: intake.tenant, for: intake.administrator())
      #expect(seen.contains { $0.entry.kind == "request" })
      #expect(seen.allSatisfy { $0.entry.tenant == intake.tenant.text })

      let others =
        Role.allCases.filter { $0 != .tenantAdministrator }.map { role in
          intake.administrator([GrantedRole(role: role, catalog: role.isOfCatalog ? intake.catalog : nil)])
        } + [intake.administrator([]), intake.guest("ann"), try await intake.person("bob")]
      for caller in others {
        await #expect(throws: Refusal.self) { try await records(of: intake.tenant, for: caller) }
        await #expect(throws: Refusal.self) {
          try await intake.calling(as: caller) { context in
            try await api.witnessed(request: .with { $0.tenant = intake.tenant.text }, context: context)
          }
        }
      }
      let neighbor = IntakeFixture(sharing: intake)
      await #expect(throws: Refusal.self) {
        try await records(of: intake.tenant, for: neighbor.administrator())
      }
      #expect(try await records(of: neighbor.tenant, for: neighbor.administrator()).isEmpty)
    }
  }
}
