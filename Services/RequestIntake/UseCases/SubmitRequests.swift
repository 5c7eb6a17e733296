import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Takes requests for access in: judges each, and grants at once what needs no approval.
struct SubmitRequests: Sendable {
  let store: ConfigurationStore

  func callAsFunction(
    _ asked: [Submission], _ work: Work, _ guarding: Admission = .judged
  ) throws -> [RequestAnswers.Answer] {
    var items = asked
    let tenants = Set(items.map(\.tenant))
    try OrganizationEndTable(connection: work.connection).share(tenants)
    var configuration = try store.load(tenants, on: work.connection)
    var events = RequestEvents(configuration: configuration, work: work)
    let table = RequestTable(connection: work.connection)
    var answers = RequestAnswers(count: items.count)
    let admission = try SubmissionAdmission(items, configuration, work)
    for index in items.indices {
      do throws(Refusal) {
        switch guarding {
        case .judged: items[index].asker = try admission.asker(of: items[index])
        case .confirmed: items[index].asker = .administrator
        }
      } catch {
        answers.refuse(index, error)
      }
    }
    let keys = try IdempotentAnswers(items, &answers, configuration, work)
    var people = try TargetResolution(work)(
      Dictionary(uniqueKeysWithValues: answers.open.map { ($0, items[$0]) }))
    let own = try OwnSubmissions(items, work.connection)
    for (index, person) in people {
      do throws(Refusal) { items[index] = try own.judged(items[index], for: person) } catch {
        answers.refuse(index, error)
        people[index] = nil
      }
    }
    let demanded = people.filter { index, person in
      configuration.demandsTerms(of: items[index].accessPackage, person.tenant)
    }
    try TermsTable(connection: work.connection).serialize(Set(demanded.values.map(\.standIn)))
    let waiting = try AdoptionGuard(people: people, configuration: configuration, work: work)
      .waiting(answers.open.map { ($0, items[$0]) }, guarding)
    for (index, confirmation) in waiting { answers.refuse(index, confirmation.refusal) }
    var judgement = try SubmissionJudgement(
      items: items, people: people, configuration: configuration, table: table, now: work.now)
    try giveWay(items, &judgement, &answers, table, events)

    var made: [Int: (request: AccessRequest, events: [AccessRequest.Event])] = [:]
    for index in answers.open {
      guard let id = keys.id(index) else { continue }
      do throws(Refusal) { made[index] = try judgement.judge(index, id: id) } catch {
        answers.refuse(index, error)
      }
    }
    try introduce(&made, &answers, judgement, &configuration, work)
    events = RequestEvents(configuration: configuration, work: work)
    let stored = made.isEmpty ? [] : try table.insert(made.values.map(\.request))
    let acceptances = stored.flatMap { judgement.acceptances[$0] ?? [] }
    try TermsTable(connection: work.connection).record(acceptances)
    for acceptance in acceptances {
      work.record(acceptance, by: Initiator(subject: acceptance.person, role: "person"))
    }
    let accepting = Set(acceptances.map(\.person))
    try SettlePendingTerms(configuration: configuration, work: work)(
      people.values.filter { accepting.contains($0.id) })
    let overtaken = made.filter { !stored.contains($0.value.request.id) }
    try refuse(overtaken.mapValues(\.request), &answers, table)
    for (index, (request, told)) in made.sorted(by: { $0.key < $1.key }) where overtaken[index] == nil {
      answers[index] = .success(try events.tell(told, of: request, by: items[index].principal.initiator))
    }
    try arm(
      made.values.map(\.request).filter { $0.state == .scheduled && stored.contains($0.id) }, configuration,
      work)
    try keys.settle(&answers)
    return answers.all
  }

  /// Makes the unknown organizations known whose people ask under a policy for all from outside.
  private func introduce(
    _ made: inout [Int: (request: AccessRequest, events: [AccessRequest.Event])],
    _ answers: inout RequestAnswers,
    _ judgement: SubmissionJudgement, _ configuration: inout LoadedConfiguration, _ work: Work
  ) throws {
    let unknown = made.compactMap { index, made in
      judgement.unknownOrganization(index, made.request).map {
        (index, ProposeOrganizations.Unknown(tenant: made.request.tenant, source: $0))
      }
    }
    guard !unknown.isEmpty else { return }
    let addresses = unknown.map { ($1, made[$0]?.request.target.email ?? "") }
    let (ids, entries) = try ProposeOrganizations(work: work)(
      Dictionary(addresses) { min($0, $1) }, epoch: configuration.epoch)
    for (tenant, written) in entries { try configuration.take(written, of: tenant) }
    for (index, organization) in unknown {
      if let id = ids[organization] {
        made[index]?.request.introduce(id)
      } else {
        made[index] = nil
        answers.refuse(index, Refusal(.organizationEnded, "The connected organization has ended."))
      }
    }
  }

  /// Cancels what is open where an administrator decides otherwise (decision 7): what is refused takes nothing back.
  private func giveWay(
    _ items: [Submission], _ judgement: inout SubmissionJudgement, _ answers: inout RequestAnswers,
    _ table: RequestTable, _ events: RequestEvents
  ) throws {
    var waiting: [UUID: Initiator] = [:]
    for (index, id) in judgement.waitingForAdministrators {
      if let obstacle = judgement.obstacle(to: index, withoutWaiting: id) {
        answers.refuse(index, obstacle)
      } else {
        waiting[id] = items[index].principal.initiator
      }
    }
    guard !waiting.isEmpty else { return }
    var locked = try table.lock(waiting.keys, tenants: Set(events.configuration.tenants.keys))
    var canceled: [StoredRequest] = []
    for id in locked.keys.sorted() {
      // What was granted before the lock stands, and is told as what stands in the way.
      guard var stored = locked[id], let told = try? stored.request.cancel(at: events.work.now) else {
        continue
      }
      try events.tell(told, of: stored.request, by: waiting[id] ?? .system)
      locked[id] = stored
      canceled.append(stored)
    }
    try table.update(canceled)
    try arm(canceled.map(\.request), events.configuration, events.work)
    judgement.free(Set(canceled.map(\.request.id)))
  }

  /// Another copy of the service was quicker with the same request: its id is the answer.
  private func refuse(
    _ overtaken: [Int: AccessRequest], _ answers: inout RequestAnswers, _ table: RequestTable
  ) throws {
    guard !overtaken.isEmpty else { return }
    let standing = try table.standing(Set(overtaken.values.map(\.place)))
    for (index, request) in overtaken {
      let first = standing[request.place]?.id.text ?? ""
      answers.refuse(
        index,
        Refusal(
          .openRequestExists, "There is already a request or an assignment for this package.", hint: first))
    }
  }

  private func arm(_ requests: [AccessRequest], _ configuration: LoadedConfiguration, _ work: Work) throws {
    try DeadlineTable(connection: work.connection)
      .arm(requests.map { ScheduledStart.deadline(of: $0, epoch: configuration.epoch) })
  }
}

extension AccessRequest {
  var place: Place { Place(tenant: tenant, subject: target.subject, package: accessPackage) }
}
