import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging

/// Puts other answers in the place of those that a live assignment was given for: judged by the policy as it is now.
/// The earlier ones stay with the requests that brought them.
struct UpdateAnswers: Sendable {
  let store: ConfigurationStore

  func callAsFunction(_ items: [AnswersUpdate], _ work: Work) throws -> [RequestAnswers.Answer] {
    let tenants = Set(items.map(\.tenant))
    let configuration = try store.load(tenants, on: work.connection)
    var answers = RequestAnswers(count: items.count)
    let keys = try IdempotentAnswers(items, &answers, configuration, work)
    let table = RequestTable(connection: work.connection)
    let asked = answers.open.map { items[$0].ask.assignment }
    let known = try table.find(asked, tenants: tenants)
    let people = try SubjectTable(connection: work.connection).find(
      Set(known.values.map(\.request.target.subject)), tenants: tenants)
    let presence = try Presence(
      of: items.map(\.principal), tenants: tenants, work.connection, at: work.now)
    let linked = try LinkedPeople(people.values, table)
    let origins = try table.lock(asked, tenants: tenants)
    let colleagues = try Colleagues(
      answers.open.compactMap { index in
        known[items[index].ask.assignment].flatMap {
          Colleagues.Ask(items[index].ask, of: $0.held, configuration)
        }
      }, tenants: tenants, work.connection)
    let attributes = try StoredAttributes(
      of: known.values.compactMap { origin in
        people[origin.request.target.subject].map { ($0, origin.request.accessPackage) }
      }, configuration, table)
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
          item, id: id, origin, person, configuration, colleagues, attributes, at: work.now)
      } catch {
        answers.refuse(index, error)
      }
    }
    let stored = made.isEmpty ? [] : try table.insert(made.values.map(\.request))
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
    _ configuration: LoadedConfiguration, _ colleagues: Colleagues, _ attributes: StoredAttributes,
    at now: Date
  ) throws(Refusal) -> (request: AccessRequest, events: [AccessRequest.Event]) {
    let request = origin.held
    let access = try AssignmentAccess(item.principal, to: request, for: .update, configuration, colleagues)
    try origin.requireLive()
    if person.leftAt != nil { throw Refusal(.subjectLeft, "This person has left.") }
    if person.isBarred(at: now) { throw Refusal(.subjectBarred, "This person is barred.") }
    guard let tenant = configuration.tenants[request.tenant],
      let policy = request.assignmentPolicy.flatMap({ tenant.policies[$0] })
    else { throw Refusal(.editNotAllowed, "The policy of this access is gone.") }
    if access == .own, !policy.maySelfUpdate {
      throw Refusal(.editNotAllowed, "The policy does not let people change their access.")
    }
    let isAdministrator = access == .administrator
    // What other access has brought for an account stays, whatever this one was given for.
    let stored = attributes.demand(of: request.accessPackage, person)
    let present = origin.answers.answers
    let answers = isAdministrator ? item.answers : stored.keeping(item.answers)
    var faults = AnswerEdit(
      tenant.questions(under: policy), present: isAdministrator ? present : stored.standing(over: present)
    ).faults(of: answers, isAdministrator: isAdministrator)
    if !isAdministrator, policy.approval.misses(item.justification) {
      faults.append(Reason(.justificationRequired, "Say why the answers change.", field: "justification"))
    }
    if !faults.isEmpty { throw Refusal(faults) }
    let draft = AccessRequest.Draft(
      id: id, tenant: request.tenant, kind: isAdministrator ? .adminUpdate : .userUpdate, update: .answers,
      target: person.target, requestor: item.principal.subject ?? person.id,
      accessPackage: request.accessPackage, assignmentPolicy: policy.id, organization: request.organization,
      assignment: request.id, justification: item.justification, answers: answers, term: Term())
    return AccessRequest.submit(
      draft, needsApproval: !isAdministrator && policy.approval.requiredForUpdate, at: origin.later(than: now)
    )
  }
}
