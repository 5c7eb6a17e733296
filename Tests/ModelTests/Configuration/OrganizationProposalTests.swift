import EntitlementModel
import Foundation
import Testing

@Suite("Decision 4: organizations that nobody has configured")
struct OrganizationProposalTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let issuer: String?
    let email: String?
    let key: String?
    let isOrganization: Bool
    var testDescription: String { "\(issuer ?? "shared issuer"), \(email ?? "no proved address")" }
  }

  private static let personal = "https://login.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"

  @Test(
    "An organization is known by its issuer before its domain; mail providers are none",
    arguments: [
      Row(
        issuer: "https://login.example/t1", email: "a@northwind.example",
        key: "issuer:https://login.example/t1", isOrganization: true),
      Row(
        issuer: "https://login.example/t1", email: "a@gmail.com", key: "issuer:https://login.example/t1",
        isOrganization: true),
      Row(issuer: personal, email: "a@northwind.example", key: "issuer:\(personal)", isOrganization: false),
      Row(issuer: nil, email: "a@Northwind.example", key: "domain:northwind.example", isOrganization: true),
      Row(issuer: nil, email: "a@gmail.com", key: "domain:gmail.com", isOrganization: false),
      Row(issuer: nil, email: "a@mail.web.de", key: "domain:mail.web.de", isOrganization: false),
      Row(issuer: nil, email: "a@freemail.example", key: "domain:freemail.example", isOrganization: false),
      Row(issuer: nil, email: nil, key: nil, isOrganization: false),
    ])
  func sources(_ row: Row) {
    let publicMail = PublicMailDomains.known.adding([DomainName("freemail.example")].compactMap(\.self))
    let source = OrganizationProposal.source(organizationsIssuer: row.issuer, provedEmail: row.email)
    #expect(source?.key == row.key)
    #expect(source.map { OrganizationProposal.isOrganization($0, publicMail) } ?? false == row.isOrganization)
  }

  @Test("The known mail providers are domains, each written once")
  func knownDomains() {
    for name in ["gmail.com", "gmx.de", "yahoo.co.uk", "skynet.be"] {
      #expect(DomainName(name).map(PublicMailDomains.known.contains) == true)
    }
    #expect(DomainName("contoso.example").map(PublicMailDomains.known.contains) == false)
  }
}
