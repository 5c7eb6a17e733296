import EntitlementModel
import Foundation
import Testing

@testable import Identity

@Suite("Who may do what")
struct AuthorizationTests {
  static let (tenant, catalog, otherCatalog, ada) = (UUID(), UUID(), UUID(), UUID())

  struct Row: Sendable, CustomTestStringConvertible {
    let roles: [GrantedRole]
    let action: Action
    let decision: Authorization.Decision

    init(_ roles: [GrantedRole], _ action: Action, _ decision: Authorization.Decision) {
      (self.roles, self.action, self.decision) = (roles, action, decision)
    }

    var testDescription: String { "\(roles.map(\.role)) \(action): \(decision)" }
  }

  static func of(_ role: Role) -> [GrantedRole] {
    [GrantedRole(role: role, catalog: role.isOfCatalog ? catalog : nil)]
  }

  static let no = Authorization.Decision.deny(.roleRequired)

  @Test(
    "A role allows its actions, and only in its catalog",
    arguments: [
      Row([], .readConfiguration, no),
      Row([], .actFor(subject: ada, catalog: catalog), no),
      Row(of(.tenantAdministrator), .administerTenant, .allow),
      Row(of(.tenantAdministrator), .manageAssignments(catalog: catalog), .allow),
      Row(of(.tenantAdministrator), .operate, .deny(.operatorRequired)),
      Row(of(.catalogCreator), .createCatalog, .allow),
      Row(of(.catalogCreator), .manageCatalog(catalog), no),
      Row(of(.connectedOrganizationAdministrator), .manageConnectedOrganizations, .allow),
      Row(of(.connectedOrganizationAdministrator), .administerTenant, no),
      Row(of(.catalogOwner), .manageCatalog(catalog), .allow),
      Row(of(.catalogOwner), .manageResources(catalog: catalog), .allow),
      Row(of(.catalogOwner), .manageCatalog(otherCatalog), no),
      Row(of(.catalogOwner), .createCatalog, no),
      Row(of(.catalogReader), .readCatalog(catalog), .allow),
      Row(of(.catalogReader), .managePackages(catalog: catalog), no),
      Row(of(.accessPackageManager), .managePolicies(catalog: catalog), .allow),
      Row(of(.accessPackageManager), .manageResources(catalog: catalog), no),
      Row(of(.assignmentManager), .manageAssignments(catalog: catalog), .allow),
      Row(of(.assignmentManager), .managePolicies(catalog: catalog), no),
      Row(of(.assignmentManager), .actFor(subject: ada, catalog: catalog), .allow),
      Row(of(.assignmentManager), .actFor(subject: ada, catalog: otherCatalog), no),
    ])
  func roles(_ row: Row) {
    let facts = AuthorizationFacts(tenant: Self.tenant)
    #expect(Authorization.decide(principal(row.roles), row.action, facts) == row.decision)
  }

  @Test("Nobody's role reaches into another tenant, and there nothing is even said to be")
  func otherTenant() {
    let facts = AuthorizationFacts(tenant: UUID())
    let administrator = principal(Self.of(.tenantAdministrator))
    #expect(Authorization.decide(administrator, .administerTenant, facts) == .deny(.otherTenant))
    #expect(Authorization.Denial.otherTenant.refusal == .notFound)
    #expect(throws: Refusal.notFound) { try Authorization.require(administrator, .readConfiguration, facts) }
  }

  @Test("A sponsor acts for the people of the sponsored organization, everybody for themselves")
  func actingFor() {
    let action = Action.actFor(subject: Self.ada, catalog: Self.catalog)
    let sponsoring = AuthorizationFacts(tenant: Self.tenant, isSponsorOfSubject: true)
    #expect(Authorization.decide(principal([]), action, sponsoring) == .allow)
    let facts = AuthorizationFacts(tenant: Self.tenant)
    #expect(Authorization.decide(principal([], subject: Self.ada), action, facts) == .allow)
  }

  @Test("The operator operates, and administers no tenant")
  func operators() {
    let operators = principal([], tenant: nil, isOperator: true)
    #expect(Authorization.decide(operators, .operate, AuthorizationFacts(tenant: nil)) == .allow)
    let facts = AuthorizationFacts(tenant: Self.tenant)
    #expect(Authorization.decide(operators, .administerTenant, facts) == .deny(.otherTenant))
  }

  @Test("Whose token it is may be asked with that token, or by the operator")
  func resolving() {
    let own = AuthorizationFacts(tenant: nil, isOwnToken: true)
    #expect(Authorization.decide(principal([]), .resolvePrincipals, own) == .allow)
    let foreign = AuthorizationFacts(tenant: nil)
    #expect(Authorization.decide(principal([]), .resolvePrincipals, foreign) == .deny(.operatorRequired))
  }

  private func principal(
    _ roles: [GrantedRole], tenant: UUID? = tenant, subject: UUID? = UUID(), isOperator: Bool = false
  ) -> Principal {
    Principal(
      tenant: tenant, subject: subject, organization: nil, issuer: "i", externalSubject: "s", email: nil,
      isMember: true, isOperator: isOperator, roles: roles, expiresAt: .distantFuture)
  }
}
