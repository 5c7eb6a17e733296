import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging

/// Asks for more time (decision 10): judged under the policy as it is now.
struct ExtendAssignments: Sendable {
  let store: ConfigurationStore

  func callAsFunction(_ items: [Extension], _ work: Work) throws -> [RequestAnswers.Answer] {
    let tenants = Set(items.map(\.tenant))
    let configuration = try store.load(tenants, on: work.connection)
    var answers = RequestAnswers(count: items.count)
    let keys = try IdempotentAnswers(items, &answers, configuration, work)
    let table = RequestTable(connection: work.connection)
    let (asked, holdings) = (answers.open.map { items[$0].ask.assignment }, Holdings(table, configuration))
    let known = try table.find(asked, tenants: tenants)
    let held = known.values.map(\.request.place)
    let subjects = SubjectTable(connection: work.connection)
    var people = try subjects.find(Set(held.map(\.subject)), tenants: tenants)
    let presence = try Presence(
      of: items.map(\.principal), tenants: tenants, work.connection, at: work.now)
    let signedIn = SignInOrganizations(configuration: configuration, table: subjects)
    for (person, organization) in try signedIn.of(people.values) {
      people[person]?.organization = organization
    }
    let linked = try LinkedPeople(people.values, table)
    let places = linked.places(held)
    try holdings.serialize(places)
    try TermsTable(connection: work.connection).serialize(
      Set(
        held.filter { configuration.demandsTerms(of: $0.package, $0.tenant) }
          .compactMap { people[$0.subject]?.standIn }))
    let origins = try table.lock(asked, tenants: tenants)
    var standing = try holdings.standing(places)
    linked.share(&standing)
    let memberships = try GroupMemberships(of: places, linked, configuration, work.connection)
    let colleagues = try Colleagues(
      answers.open.compactMap { index in
        known[items[index].ask.assignment].flatMap {
          Colleagues.Ask(items[index].ask, of: $0.held, configuration)
        }
      }, tenants: tenants, work.connection)
    let terms = try TermsOnRecord(
      of: origins.values.compactMap { origin in
        people[origin.request.target.subject].map { ($0, origin.request.accessPackage) }
      }, configuration, work.connection)
    var acceptances: [UUID: [StoredAcceptance]] = [:]
    var made: [Int: (request: AccessRequest, events: [AccessRequest.Event])] = [:]
    for index in answers.open {
      let item = items[index].ask
      do throws(Refusal) {
        guard let id = keys.id(index), let origin = origins[item.assignment],
          origin.request.id == origin.request.assignment,
          let person = people[origin.request.target.subject].map({ linked.barred($0, at: work.now) })
        else { throw .notFound }
        if !item.principal.isSubject(person.id) { try presence.require(item.principal) }
        made[index] = try judge(
          item, id: id, origin, person, configuration, standing, memberships, terms, colleagues, at: work.now)
        let policy = origin.held.assignmentPolicy.flatMap {
          configuration.tenants[person.tenant]?.policies[$0]
        }
        if let policy, made[index]?.request.terms == .accepted {
          acceptances[id] = terms.new(of: item.acceptedTerms, under: policy, person, at: work.now)
        }
      } catch {
        answers.refuse(index, error)
      }
    }
    let stored = made.isEmpty ? [] : try table.insert(made.values.map(\.request))
    let accepted = stored.flatMap { acceptances[$0] ?? [] }
    try TermsTable(connection: work.connection).record(accepted)
    try SettlePendingTerms(configuration: configuration, work: work)(
      Set(accepted.map(\.person)).compactMap { people[$0] })
    let events = RequestEvents(configuration: configuration, work: work)
    for (index, (request, told)) in made.sorted(by: { $0.key < $1.key }) where stored.contains(request.id) {
      answers[index] = .success(try events.tell(told, of: request, by: items[index].principal.initiator))
    }
    try answers.refuse(
      openBefore: made.mapValues(\.request).filter { !stored.contains($0.value.id) }, table, tenants)
    try keys.settle(&answers)
    return answers.all
  }

  private func judge(
    _ item: AssignmentAsk, id: UUID, _ origin: StoredRequest, _ person: Subject,
    _ configuration: LoadedConfiguration, _ standing: [Place: Standing], _ memberships: GroupMemberships,
    _ terms: TermsOnRecord, _ colleagues: Colleagues, at now: Date
  ) throws(Refusal) -> (request: AccessRequest, events: [AccessRequest.Event]) {
    let request = origin.held
    let access = try AssignmentAccess(item.principal, to: request, for: .update, configuration, colleagues)
    try origin.requireLive()
    guard let tenant = configuration.tenants[request.tenant],
      let catalog = tenant.catalog(of: request.accessPackage).flatMap({ tenant.catalogs[$0] }),
      let policy = request.assignmentPolicy.flatMap({ tenant.policies[$0] })
    else { throw Refusal(.extensionNotAllowed, "The policy of this access is gone.") }
    let isAdministrator = access == .administrator
    let matched =
      (access == .own ? item.principal.organization : nil) ?? person.organization
      ?? (access == .onBehalf ? request.organization : nil)
    let organization = matched.flatMap { tenant.organizations[$0] }
    // Who may ask anew is not asked: only whether the person is still one whom the policy is for.
    let separation = tenant.separation(of: request.place, standing, memberships, at: now)
    _ = try Eligibility(
      subject: person, organization: organization, catalog: catalog, policies: [policy],
      domainList: tenant.domainList, chosenPolicy: policy.id, standing: nil, isGuest: true,
      isAdministrator: true, groups: memberships(person.id),
      separation: separation
    ).judge(at: now).get()
    if !isAdministrator, policy.approval.misses(item.justification) {
      throw Refusal(.justificationRequired, "Say why the access is needed longer.", field: "justification")
    }
    let demand = terms.demand(of: policy, person)
    let missing = access != .own ? [] : demand.reasons(offered: item.acceptedTerms)
    if !missing.isEmpty { throw Refusal(missing) }
    let term = try ExtensionRule.judge(
      policy: policy, organization: organization, deliveredAt: origin.assignment?.deliveredAt,
      endsAt: origin.assignment?.endsAt, isAdministrator: isAdministrator,
      isOnBehalf: access == .onBehalf, endsBy: separation.endsBy, at: now
    ).get()
    let draft = AccessRequest.Draft(
      id: id, tenant: request.tenant, kind: isAdministrator ? .adminUpdate : .userUpdate,
      update: .schedule, target: person.target,
      requestor: item.principal.subject ?? person.id, accessPackage: request.accessPackage,
      assignmentPolicy: policy.id, organization: organization?.id, assignment: request.id,
      justification: item.justification,
      terms: access != .own || demand.isEmpty
        ? demand.acceptance(isExempt: isAdministrator && policy.areTermsWaivedForDirectAssignment)
        : .accepted,
      term: term)
    return AccessRequest.submit(
      draft, needsApproval: !isAdministrator && policy.approval.requiredForUpdate, at: now)
  }
}
