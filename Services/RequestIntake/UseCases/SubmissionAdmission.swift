import EntitlementModel
import Foundation
import Identity
import Messaging

/// What is judged before anybody is looked up or made: that there is such a package, and in which role the caller asks.
struct SubmissionAdmission {
  private let configuration: LoadedConfiguration
  private let presence: Presence
  private let colleagues: Colleagues

  init(_ items: [Submission], _ configuration: LoadedConfiguration, _ work: Work) throws {
    self.configuration = configuration
    let asks = items.filter(\.isForSomebodyElse).compactMap { item -> Colleagues.Ask? in
      let policies = (configuration.tenants[item.tenant]?.policies(of: item.accessPackage) ?? [])
        .filter(\.onBehalf.mayAdd)
      guard item.principal.subject != nil, !policies.isEmpty else { return nil }
      return Colleagues.Ask(
        callers: item.principal.subjects, target: item.targetSubject, policies: policies,
        sponsorGroups: configuration.tenants[item.tenant]?.sponsorGroups ?? [])
    }
    let tenants = Set(configuration.tenants.keys)
    presence = try Presence(
      of: items.filter(\.isForSomebodyElse).map(\.principal), tenants: tenants, work.connection, at: work.now)
    colleagues = try Colleagues(asks, tenants: tenants, work.connection)
  }

  func asker(of item: Submission) throws(Refusal) -> Submission.Asker {
    guard item.principal.tenant == item.tenant, let tenant = configuration.tenants[item.tenant],
      let catalog = tenant.catalog(of: item.accessPackage)
    else { throw .notFound }
    guard item.isForSomebodyElse else { return .oneself }
    try presence.require(item.principal)
    let manage = Action.manageAssignments(catalog: catalog)
    switch Authorization.decide(item.principal, manage, AuthorizationFacts(tenant: item.tenant)) {
    case .allow: return .administrator
    case .deny(let denial):
      guard let submitter = colleagues.submitter(item.principal, for: item.targetSubject),
        mayAsk(submitter, item, tenant)
      else { throw denial.refusal }
      return .onBehalf(submitter)
    }
  }

  /// Whether any policy lets them ask for somebody like this; for whom exactly is judged when the person is known. Nobody
  /// is made by address who is not of the submitter's own organization.
  private func mayAsk(_ submitter: OnBehalf.Submitter, _ item: Submission, _ tenant: TenantConfiguration)
    -> Bool
  {
    let policies = tenant.policies(of: item.accessPackage)
    func mayAsk(forPeopleOf organization: ConnectedOrganization?) -> Bool {
      policies.contains { $0.onBehalf.allows(.add, by: submitter, forPeopleOf: organization) }
    }
    if item.targetEmail.isEmpty, mayAsk(forPeopleOf: nil) { return true }
    return tenant.organizations.values.contains { organization in
      (item.targetEmail.isEmpty || organization.hasDomain(ofEmail: item.targetEmail))
        && mayAsk(forPeopleOf: organization)
    }
  }
}
