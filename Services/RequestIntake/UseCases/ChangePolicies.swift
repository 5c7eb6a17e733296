import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging

/// Asks for live assignments to be moved to another policy of their package. Access goes on meanwhile, under the policy that
/// it has; of changes of one assignment that meet, one is open.
struct ChangePolicies: Sendable {
  let store: ConfigurationStore

  func callAsFunction(_ items: [PolicyChange], _ work: Work) throws -> [RequestAnswers.Answer] {
    let tenants = Set(items.map(\.tenant))
    try OrganizationEndTable(connection: work.connection).share(tenants)
    let configuration = try store.load(tenants, on: work.connection)
    var answers = RequestAnswers(count: items.count)
    let keys = try IdempotentAnswers(items, &answers, configuration, work)
    let table = RequestTable(connection: work.connection)
    let open = answers.open.map { items[$0] }
    let (circumstances, origins) = try circumstances(of: open, tenants, configuration, table, work)
    var made: [Int: PolicyChangeJudgement.Verdict] = [:]
    for index in answers.open {
      do throws(Refusal) {
        guard let id = keys.id(index), let origin = origins[items[index].ask.assignment],
          origin.request.id == origin.request.assignment
        else { throw .notFound }
        made[index] = try PolicyChangeJudgement(items[index], of: origin, circumstances).judge(id: id)
      } catch {
        answers.refuse(index, error)
      }
    }
    let stored = made.isEmpty ? [] : try table.insert(made.values.map(\.request))
    let kept = made.filter { stored.contains($0.value.request.id) }
    let acceptances = kept.values.flatMap(\.acceptances)
    try TermsTable(connection: work.connection).record(acceptances)
    try SettlePendingTerms(configuration: configuration, work: work)(
      Set(acceptances.map(\.person)).compactMap { circumstances.people[$0] })
    let events = RequestEvents(configuration: configuration, work: work)
    for (index, verdict) in kept.sorted(by: { $0.key < $1.key }) {
      let initiator = items[index].principal.initiator
      for acceptance in verdict.acceptances { work.record(acceptance, by: initiator) }
      answers[index] = .success(try events.tell(verdict.events, of: verdict.request, by: initiator))
    }
    try answers.refuse(
      openBefore: made.filter { kept[$0.key] == nil }.mapValues(\.request), table, tenants)
    try keys.settle(&answers)
    return answers.all
  }

  /// People are locked before their requests.
  private func circumstances(
    of items: [PolicyChange], _ tenants: Set<UUID>, _ configuration: LoadedConfiguration,
    _ table: RequestTable, _ work: Work
  ) throws -> (PolicyChangeJudgement.Circumstances, [UUID: StoredRequest]) {
    let asked = items.map(\.ask.assignment)
    let known = try table.find(asked, tenants: tenants)
    let held = known.values.map(\.request.place)
    let subjects = SubjectTable(connection: work.connection)
    var people = try subjects.find(Set(held.map(\.subject)), tenants: tenants)
    let signedIn = SignInOrganizations(configuration: configuration, table: subjects)
    for (person, organization) in try signedIn.of(people.values) {
      people[person]?.organization = organization
    }
    let linked = try LinkedPeople(people.values, table)
    let (places, holdings) = (linked.places(held), Holdings(table, configuration))
    try holdings.serialize(places)
    try TermsTable(connection: work.connection).serialize(
      Set(
        held.filter { configuration.demandsTerms(of: $0.package, $0.tenant) }
          .compactMap { people[$0.subject]?.standIn }))
    let origins = try table.lock(asked, tenants: tenants)
    var standing = try holdings.standing(places)
    linked.share(&standing)
    let asks = items.flatMap { item in
      let request = known[item.ask.assignment]?.held
      return [request, request?.held(under: item.policy)].compactMap { request in
        request.flatMap { Colleagues.Ask(item.ask, of: $0, configuration) }
      }
    }
    let concerned = origins.values.compactMap { origin in
      people[origin.request.target.subject].map { ($0, origin.request.accessPackage) }
    }
    let circumstances = PolicyChangeJudgement.Circumstances(
      configuration: configuration, people: people, linked: linked, standing: standing,
      memberships: try GroupMemberships(of: places, linked, configuration, work.connection),
      colleagues: try Colleagues(asks, tenants: tenants, work.connection),
      terms: try TermsOnRecord(of: concerned, configuration, work.connection),
      attributes: try StoredAttributes(of: concerned, configuration, table),
      presence: try Presence(of: items.map(\.principal), tenants: tenants, work.connection, at: work.now),
      now: work.now)
    return (circumstances, origins)
  }
}
