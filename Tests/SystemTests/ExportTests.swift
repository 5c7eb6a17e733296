import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: a file is the whole configuration, so a tenant can be made again from what was exported.
  @Suite("Export") struct ExportTests {
    private static func configuration(_ tenant: String, who person: UUID) -> String {
      """
      tenant: { name: \(tenant), displayName: Woodgrove, timeZone: Europe/Berlin }
      issuers:
        - name: \(tenant)-home
          issuer: ${VESTIBULE_DEVELOPMENT_ISSUER}/\(tenant)
          audience: vestibule
          subjectClaim: sub
          jwksUrl: ${VESTIBULE_DEVELOPMENT_ISSUER}/jwks.json
          mappedRoles: { administrator: tenantAdministrator }
      subjects:
        - { name: \(person.text), email: nameless@\(tenant).example, kind: external }
      catalogs:
        - { name: bank, displayName: Bank, state: published, isExternallyVisible: true }
      resources:
        - name: ledger
          catalog: bank
          displayName: Ledger
          kind: application
          originSystem: directory
          originId: \(tenant)-ledger
          roles: [clerk, auditor]
      accessPackages:
        - name: booking
          catalog: bank
          displayName: Booking
          resourceRoles: [{ resource: ledger, role: clerk }]
          incompatibleAccessPackages: [{ accessPackage: checking }]
        - name: checking
          catalog: bank
          displayName: Checking
          resourceRoles: [{ resource: ledger, role: auditor }]
          incompatibleAccessPackages: [{ accessPackage: booking }]
      assignmentPolicies:
        - name: one-person
          accessPackage: booking
          displayName: One person
          allowedTargetScope: specificDirectoryUsers
          specificAllowedTargets: [\(person.text)]
          expiration: { type: afterDuration, duration: P90D }
      """
    }

    private func write(_ text: String, _ name: String, _ running: RunningSystem) throws -> URL {
      let file = running.system.options.directory.appending(path: "\(name).yaml")
      try text.write(to: file, atomically: true, encoding: .utf8)
      return file
    }

    @Test(
      "What is exported makes another tenant the same: packages that exclude each other, people without a name"
    )
    func roundTrip() async throws {
      let running = try await RunningSystem.shared()
      let (person, other) = (UUID(), UUID())
      try await running.apply(write(Self.configuration("woodgrove", who: person), "woodgrove", running))
      let exported = try await running.vestibule("export", "--tenant", "woodgrove")
      #expect(exported.contains("name: \(person.text)") && exported.contains("accessPackage: checking"))
      let renamed = exported.replacing("woodgrove", with: "margies").replacing(person.text, with: other.text)
      let file = try write(renamed, "margies", running)
      try await running.apply(file)
      #expect(try await running.vestibule("export", "--tenant", "margies") == renamed)
      #expect(try await running.apply(file).contains("nothing to change"))
    }

    @Test("A file takes a role out of a package and its resource at once; what nothing needs can be deleted")
    func takingOut() async throws {
      let running = try await RunningSystem.shared()
      let text = Self.configuration("humongous", who: UUID())
      try await running.apply(write(text, "humongous", running))
      let without = text.replacing("[clerk, auditor]", with: "[clerk]")
        .replacing("role: auditor", with: "role: clerk")
        .split(separator: "\n").filter { !$0.contains("incompatible") }.joined(separator: "\n")
      let applied = try await running.apply(write(without, "humongous", running))
      #expect(applied.contains("3 changed"), "\(applied)")

      let held = await #expect(throws: LocalSystemError.self) {
        try await running.vestibule("delete", "resource", "ledger", "--tenant", "humongous")
      }
      #expect(held.map { "\($0)" }?.contains("inUse") == true)
      let gone = [
        ("assignmentPolicy", ["one-person"]), ("accessPackage", ["booking", "checking"]),
        ("resource", ["ledger"]),
      ]
      for (kind, names) in gone {
        let said = try await running.vestibule(["delete", kind] + names + ["--tenant", "humongous"])
        #expect(said.split(separator: "\n").count == names.count)
      }
      let left = try await running.vestibule("export", "--tenant", "humongous")
      #expect(!left.contains("accessPackages") && !left.contains("ledger") && left.contains("name: bank"))
    }
  }
}
