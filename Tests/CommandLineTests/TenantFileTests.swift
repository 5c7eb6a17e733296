import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import CommandLineTool

@Suite("A tenant's file")
struct TenantFileTests {
  private static let header = "tenant:\n  name: contoso\n  displayName: Contoso\n"

  private func file(_ sections: String, environment: [String: String] = [:]) throws -> TenantFile {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml")
    try Data((Self.header + sections).utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    return try TenantFile(path: path.path(percentEncoded: false), environment: environment)
  }

  private func problem(_ sections: String) -> String {
    do {
      _ = try file(sections)
      return ""
    } catch {
      return Failure.text(of: error)
    }
  }

  @Test("gives the same name the same id each time it is read")
  func namesHaveIDs() throws {
    let text = "catalogs:\n  - { name: partners, displayName: Partners, state: published }\n"
    let (first, second) = (try file(text), try file(text))
    #expect(first.objects == second.objects)
    #expect(first.objects.map(\.name) == ["contoso", "partners"])
    #expect(first.objects.allSatisfy { UUID(text: $0.id) != nil && $0.tenant == first.tenant.text })
  }

  @Test("names managers and sponsors by their names")
  func people() throws {
    let read = try file(
      """
      subjects:
        - { name: ada, email: ada@contoso.example, kind: member, manager: grace, sponsors: [grace] }
        - { name: grace, email: grace@contoso.example, kind: member }
      """)
    let grace = try #require(read.subjects.first { $0.name == "grace" }).id
    let ada = try #require(read.subjects.first { $0.name == "ada" })
    #expect(ada.manager == grace && ada.sponsors == [grace])
  }

  @Test("says for how long the tenant keeps what has ended")
  func retention() throws {
    let read = try file("  retention: P60D\n")
    #expect(read.objects.map(\.tenantSettings.retention) == ["P60D"])
    #expect(try file("").objects.map(\.tenantSettings.retention) == [""])
  }

  @Test("puts ids in the place of names, wherever an object refers to another")
  func referencesAreResolved() throws {
    let read = try file(
      """
      subjects: [{ name: grace, email: grace@contoso.example, displayName: Grace, kind: member }]
      catalogs: [{ name: partners, displayName: Partners }]
      accessPackages: [{ name: phoenix, catalog: partners, displayName: Phoenix }]
      connectedOrganizations: [{ name: fabrikam, displayName: Fabrikam, internalSponsors: [grace] }]
      assignmentPolicies:
        - name: for-fabrikam
          accessPackage: phoenix
          displayName: Fabrikam
          specificAllowedTargets: [fabrikam]
          requestApprovalSettings:
            stages: [{ primaryApprovers: [{ singleUser: { subject: grace } }] }]
      """)
    let ids = Dictionary(uniqueKeysWithValues: read.objects.map { ($0.name, $0.id) })
    let policy = try #require(read.objects.first { $0.kind == .assignmentPolicy }).assignmentPolicy
    #expect(policy.accessPackage == ids["phoenix"])
    #expect(policy.specificAllowedTargets == [ids["fabrikam"]])
    let approver = policy.requestApprovalSettings.stages[0].primaryApprovers[0].singleUser.subject
    #expect(approver == read.subjects[0].id)
    #expect(read.objects.first { $0.name == "phoenix" }?.accessPackage.catalog == ids["partners"])
    #expect(
      read.objects.first { $0.name == "fabrikam" }?.connectedOrganization.internalSponsors == [approver])
  }

  @Test("is refused with what is wrong and where")
  func problemsAreNamed() {
    #expect(problem("catalogues: []\n").contains("no section `catalogues`; the sections are tenant, issuers"))
    #expect(
      problem("catalogs: [{ displayName: Nameless }]\n").contains("every entry of `catalogs` needs a `name`"))
    #expect(problem("catalogs: { name: partners }\n").contains("must be a list of entries"))
    let unknownField = problem("catalogs: [{ name: partners, colour: red }]\n")
    #expect(unknownField.contains("catalogs `partners`") && unknownField.contains("colour"))
    #expect(problem("catalogs: [{ name: partners, state: publishd }]\n").contains("catalogs `partners`"))
    #expect(problem("catalogs: [\n").contains(".yaml"))
    #expect(problem("catalogs: [{ name: x, displayName: \"${NOWHERE}\" }]\n").contains("no NOWHERE"))
  }

  @Test("takes values from the environment, or the default that it names")
  func environmentIsSubstituted() throws {
    let text =
      "catalogs: [{ name: partners, displayName: \"${LABEL:-Default}\", description: \"${ABOUT}\" }]\n"
    let read = try file(text, environment: ["ABOUT": "About it"])
    let catalog = try #require(read.objects.last).catalog
    #expect(catalog.displayName == "Default")
    #expect(catalog.description_p == "About it")
  }

  @Test("of the samples can be read, and every object in them is valid")
  func samplesAreValid() throws {
    for sample in ["contoso.yaml", "benchmark.yaml"] {
      let read = try TenantFile(
        path: try SampleTenant.file(sample),
        environment: ["VESTIBULE_DEVELOPMENT_ISSUER": "http://127.0.0.1:8080"])
      for var object in read.objects {
        object.normalize()
        #expect(throws: Never.self, "\(sample): \(object.name)") { try object.validate() }
      }
    }
  }
}
