import Contracts
import EntitlementModel
import Foundation
import Protocols
import Testing

@Suite("Configuration objects")
struct ConfigurationTests {
  @Test(
    "Every kind has a name, an event and a stored form",
    arguments: zip(Configuration.all, Vestibule_Api_V1_Kind.known))
  func kinds(object: Configuration, kind: Vestibule_Api_V1_Kind) throws {
    #expect(object.kind == kind)
    #expect(Vestibule_Api_V1_Kind(text: kind.text) == kind)
    #expect(object.eventType?.hasSuffix(".changed") == true)
    #expect(try Configuration(jsonText: object.jsonText()) == object)
    try object.validate()
  }

  @Test("A field that is not known is refused by its name")
  func unknownField() {
    let error = #expect(throws: ContractError.self) {
      try Configuration(jsonText: #"{"name": "x", "colour": "red"}"#)
    }
    #expect(error?.code == .unknownField)
    #expect(error?.field == "colour")
    #expect(throws: ContractError.self) { try Configuration(jsonText: "{") }
  }

  @Test("They become the model's values")
  func modelValues() throws {
    let policy = try AssignmentPolicy(Configuration.somePolicy)
    #expect(policy.id == uuid(9))
    #expect(policy.allowedTargets == .connectedOrganizations([uuid(6)]))
    #expect(policy.expiration == .after(.days(180)))
    #expect(policy.approval.stages.first?.approvers == [.externalSponsors])
    #expect(policy.maySelfUpdate, "without requestor settings people may")
    #expect(try AccessPackage(Configuration.somePackage).resourceRoles.first?.originID == "g1")
    #expect(
      try ConnectedOrganization(Configuration.someOrganization).domains.map(\.text) == ["fabrikam.example"])
    #expect(try LifecycleSettings(Configuration.someLifecycle) == .standard)
    #expect(try DomainList(Configuration.someDomainList).permits([]))
    #expect(try Catalog(Configuration.someCatalog).state == .unpublished)
    #expect(try EntitlementModel.Tenant(Configuration.someTenantSettings).timeZone == "UTC")
    #expect(throws: ContractError(.outOfRange, field: "object", expected: "catalog")) {
      try Catalog(Configuration.somePolicy)
    }
  }

  @Test("Domains are stored as lower-case A-labels, sorted, once")
  func normalizes() {
    var object = Configuration.someDomainList
    object.domainList.domains = ["X.example", "x.example", "MÜNCHEN.example", "odd one"]
    object.normalize()
    #expect(object.domainList.domains == ["odd one", "x.example", "xn--mnchen-3ya.example"])
  }

  @Test("What an object names, by field and kind")
  func references() {
    #expect(
      Configuration.somePolicy.references == [
        Reference(
          field: "assignment_policy.access_package", id: uuid(4), referent: .configuration(.accessPackage)),
        Reference(
          field: "assignment_policy.specific_allowed_targets[0]", id: uuid(6),
          referent: .configuration(.connectedOrganization)),
        Reference(
          field:
            "assignment_policy.request_approval_settings.stages[0].fallback_primary_approvers[0].single_user.subject",
          id: uuid(7), referent: .subject),
      ])
    #expect(
      Configuration.somePackage.references.map(\.referent) == [
        .configuration(.catalog), .configuration(.resource),
      ])
    #expect(Configuration.someOrganization.references.map(\.referent) == [.subject])
    #expect(Configuration.someRole.references.map(\.referent) == [.subject])
  }
}
