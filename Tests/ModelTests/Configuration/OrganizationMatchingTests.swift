import EntitlementModel
import Testing

@Suite("Decision 3: whose person somebody is")
struct OrganizationMatchingTests {
  @Test("By issuer first, then by a proved address, the longest domain first")
  func keys() {
    let keys = OrganizationMatching.keys(
      issuer: "https://login.example", email: "anna@eu.fabrikam.example", isEmailProved: true)
    #expect(
      keys.map(\.text) == [
        "issuer:https://login.example", "domain:eu.fabrikam.example", "domain:fabrikam.example",
      ])
    #expect(keys.map(\.needsSubdomains) == [false, false, true])
  }

  @Test("An address that nobody proved is contact data", arguments: ["anna@fabrikam.example", nil])
  func unprovedAddress(email: String?) {
    let keys = OrganizationMatching.keys(issuer: "i", email: email, isEmailProved: false)
    #expect(keys.map(\.text) == ["issuer:i"])
  }

  @Test("Decision 5: an allow list admits only its domains and what is below; an address without one never")
  func allowList() {
    let list = DomainList.allow([domain("fabrikam.example")])
    #expect(list.permits([domain("eu.fabrikam.example")]))
    #expect(!list.permits([domain("fabrikam.example"), domain("x.example")]))
    #expect(!list.permits([]))
  }
}
