import EntitlementModel
import Foundation
import Postgres

/// Judges whether people may have now what they were granted and never got: what stands beside it, and everything that
/// may have been forbidden since. Whether the policy takes new requests is not asked: this one was taken.
struct RevivalJudgement {
  private let configuration: LoadedConfiguration
  private let people: [UUID: Subject]
  private let linked: LinkedPeople
  private let standing: [Place: Standing]
  private let memberships: GroupMemberships
  private let guests: [UUID: OrganizationGuests]
  private let now: Date

  /// People are locked here, before requests are.
  init(
    _ ids: [UUID], tenant: UUID, _ configuration: LoadedConfiguration, _ table: RequestTable, at now: Date
  ) throws {
    (self.configuration, self.now) = (configuration, now)
    let failed = try table.find(ids, tenants: [tenant]).values.map(\.request)
      .filter { $0.state == .deliveryFailed }
    people = try SubjectTable(connection: table.connection)
      .find(Set(failed.map(\.target.subject)), tenants: [tenant])
    linked = try LinkedPeople(people.values, table)
    let places = linked.places(failed.map(\.place))
    var standing = try Holdings(table, configuration).standing(places)
    linked.share(&standing)
    self.standing = standing
    memberships = try GroupMemberships(of: places, linked, configuration, table.connection)
    let limited = failed.compactMap(\.organization).filter {
      configuration.tenants[tenant]?.organizations[$0]?.guestLimit != nil
    }
    guests = try table.guests(of: Set(limited), among: people.values.map(\.standIn), tenants: [tenant])
  }

  /// - Parameter places: what of the same batch stands again already.
  /// - Throws: every reason why it may not be delivered.
  func judge(_ request: AccessRequest, beside places: Set<Place>) throws(Refusal) {
    guard let tenant = configuration.tenants[request.tenant], let person = people[request.target.subject],
      let catalog = tenant.catalog(of: request.accessPackage).flatMap({ tenant.catalogs[$0] }),
      var policy = request.assignmentPolicy.flatMap({ tenant.policies[$0] })
    else { throw Refusal(.notReprocessable, "Its policy or package is gone.", hint: "ask anew") }
    policy.isDisabled = false
    let organization = request.organization.flatMap { tenant.organizations[$0] }
    var besides = standing
    for place in places { besides[place] = Standing(id: request.id, state: .delivering) }
    let counted = organization.flatMap { guests[$0.id] }
    _ = try Eligibility(
      subject: linked.barred(person, at: now), organization: organization, catalog: catalog,
      policies: [policy], domainList: tenant.domainList, chosenPolicy: policy.id,
      standing: besides[request.place]?.id,
      guestsOfOrganization: counted.map { $0.known.contains(person.standIn) ? 0 : $0.count } ?? 0,
      isGuest: true, isAdministrator: true, groups: memberships(person.id),
      separation: tenant.separation(of: request.place, besides, memberships, at: now)
    ).judge(at: now).get()
  }

  /// Where it stands once it is delivered again.
  func taken(by request: AccessRequest) -> [Place] { linked.places([request.place]) }
}
