import Contracts
import EntitlementModel
import Foundation
import Identity

/// Judges a batch's submissions one after the other, each in the light of those accepted before it.
struct SubmissionJudgement {
  private let items: [Submission]
  private let people: [Int: Subject]
  private let configuration: LoadedConfiguration
  private let now: Date
  private var standing: [Place: Standing]
  private let linked: LinkedPeople
  private var guests: [UUID: OrganizationGuests]
  /// Of the people whose packages are for whoever is in the directory, those who are.
  private let inDirectory: Set<UUID>
  private let memberships: GroupMemberships
  private let terms: TermsOnRecord
  private let attributes: StoredAttributes
  /// Of the people whom administrators name, those who are known by their address alone.
  private let unsigned: Set<UUID>
  /// What is to be put on record, by request.
  private(set) var acceptances: [UUID: [StoredAcceptance]] = [:]

  init(
    items: [Submission], people: [Int: Subject], configuration: LoadedConfiguration, table: RequestTable,
    now: Date
  ) throws {
    let people = try Self.matched(items, people, configuration, table)
    (self.items, self.people, self.configuration, self.now) = (items, people, configuration, now)
    let tenants = Set(people.values.map(\.tenant))
    linked = try LinkedPeople(people.values, table)
    let places = linked.places(
      people.map { Place(tenant: $1.tenant, subject: $1.id, package: items[$0].accessPackage) })
    standing = try Holdings(table, configuration).standing(places)
    linked.share(&standing)
    memberships = try GroupMemberships(of: places, linked, configuration, table.connection)
    unsigned = try SubjectTable(connection: table.connection).withoutSignIn(
      among: Set(
        people.filter { items[$0].asker == .administrator && $1.organization == nil && $1.kind == .external }
          .values.map(\.id)), tenants: tenants)
    let limited = people.compactMap { [unsigned] index, person in
      Self.organization(of: person, items[index], unsigned, configuration).flatMap {
        $0.guestLimit == nil ? nil : $0.id
      }
    }
    terms = try TermsOnRecord(
      of: people.map { ($1, items[$0].accessPackage) }, configuration, table.connection)
    attributes = try StoredAttributes(
      of: people.map { ($1, items[$0].accessPackage) }, configuration, table)
    inDirectory = try table.holders(
      among: Set(
        people.compactMap { index, person in
          let policies = configuration.tenants[person.tenant]?.policies(of: items[index].accessPackage) ?? []
          return policies.contains { $0.allowedTargets == .allDirectoryUsers } ? person.id : nil
        }), tenants: tenants)
    guests = try table.guests(of: Set(limited), among: people.values.map(\.standIn), tenants: tenants)
  }

  /// Whoever asks for others does not bring their sign-in.
  private static func matched(
    _ items: [Submission], _ people: [Int: Subject], _ configuration: LoadedConfiguration,
    _ table: RequestTable
  ) throws -> [Int: Subject] {
    let others = people.filter { items[$0.key].asker != .oneself }.values
    let found = try SignInOrganizations(
      configuration: configuration, table: SubjectTable(connection: table.connection)
    ).of(others)
    guard !found.isEmpty else { return people }
    return people.mapValues { person in
      var person = person
      person.organization = person.organization ?? found[person.id]
      return person
    }
  }

  /// What waits, by the items through which an administrator assigns the package.
  var waitingForAdministrators: [Int: UUID] {
    people.reduce(into: [:]) { waiting, entry in
      let (index, person) = entry
      guard items[index].asker == .administrator, let standing = standing[place(index, person)] else {
        return
      }
      switch standing.state {
      case .pendingApproval, .scheduled: waiting[index] = standing.id
      case .delivering, .partiallyDelivered, .delivered, .deliveryFailed, .denied, .canceled: break
      }
    }
  }

  /// Why an item would be refused even if `waiting` gave way to it; nil if it would be taken.
  func obstacle(to index: Int, withoutWaiting waiting: UUID) -> Refusal? {
    var trial = self
    trial.free([waiting])
    do throws(Refusal) {
      _ = try trial.judge(index, id: waiting)
      return nil
    } catch {
      return error
    }
  }

  /// These stand in nobody's way any more.
  mutating func free(_ canceled: Set<UUID>) {
    standing = standing.filter { !canceled.contains($0.value.id) }
  }

  mutating func judge(
    _ index: Int, id: UUID
  ) throws(Refusal) -> (request: AccessRequest, events: [AccessRequest.Event]) {
    let (item, eligibility) = (items[index], try eligibility(index))
    let (person, organization) = (eligibility.subject, eligibility.organization)
    let policy = try eligibility.judge(at: now).get()
    let (request, events) = try draft(
      item, id: id, person, organization, policy, endsBy: eligibility.separation.endsBy)
    if request.terms == .accepted {
      acceptances[id] = terms.new(of: item.acceptedTerms, under: policy, person, at: now)
    }
    for place in linked.places([request.place]) { standing[place] = Standing(id: id, state: request.state) }
    count(person.standIn, in: organization?.id)
    return (request, events)
  }

  /// Everything that decides whether an item's person may have its package.
  func eligibility(_ index: Int) throws(Refusal) -> Eligibility {
    let item = items[index]
    guard let person = people[index], let tenant = configuration.tenants[item.tenant],
      let catalog = tenant.catalog(of: item.accessPackage).flatMap({ tenant.catalogs[$0] })
    else { throw .notFound }
    let organization = Self.organization(of: person, item, unsigned, configuration)
    var policies = tenant.policies(of: item.accessPackage)
    if case .onBehalf(let submitter) = item.asker {
      policies.removeAll { !$0.onBehalf.allows(.add, by: submitter, forPeopleOf: organization) }
      // Of people of others nothing is said.
      if policies.isEmpty { throw .notFound }
    }
    let standing = standing[place(index, person)]
    return Eligibility(
      subject: linked.barred(person, at: now), organization: organization, catalog: catalog,
      policies: policies, domainList: tenant.domainList,
      chosenPolicy: item.assignmentPolicy, standing: standing?.id,
      // What ends while we look must not be there for one check and gone for the next.
      guestsOfOrganization: standing == nil ? guestCount(organization?.id, without: person.standIn) : 0,
      isGuest: inDirectory.contains(person.id), isAdministrator: item.asker == .administrator,
      isOnBehalf: item.asker != .oneself && item.asker != .administrator,
      groups: memberships(person.id),
      separation: tenant.separation(
        of: place(index, person), self.standing, memberships, at: now))
  }

  private func draft(
    _ item: Submission, id: UUID, _ person: Subject, _ organization: ConnectedOrganization?,
    _ policy: AssignmentPolicy, endsBy: Date?
  ) throws(Refusal) -> (request: AccessRequest, events: [AccessRequest.Event]) {
    let (isOwn, isAdministrator) = (item.asker == .oneself, item.asker == .administrator)
    let stored = attributes.demand(of: item.accessPackage, person)
    let answers = stored.completed(item.answers)
    var faults = Questionnaire(policy.questions + stored.questions).faults(of: answers)
    if !isAdministrator { faults += stored.faults(of: item.answers) }
    if !isAdministrator, policy.approval.misses(item.justification) {
      faults.append(
        Reason(.justificationRequired, "Say why the access is needed.", field: "justification"))
    }
    if !isAdministrator, !policy.mayChooseSchedule, item.startsAt != nil || item.end != nil {
      faults.append(
        Reason(.scheduleNotAllowed, "The policy decides when access begins and ends.", field: "schedule"))
    }
    let demand = terms.demand(of: policy, person)
    if isOwn {
      faults += demand.reasons(offered: item.acceptedTerms)
    } else if !item.acceptedTerms.isEmpty {
      faults.append(
        Reason(.outOfRange, "Nobody accepts terms for somebody else.", field: "accepted_terms", hint: "none"))
    }
    if !faults.isEmpty { throw Refusal(faults) }
    let zone = configuration.tenants[item.tenant]?.timeZone ?? .gmt
    let term = try RequestedTerm(
      policy: policy, organization: organization, startsAt: item.startsAt,
      endsAt: item.end?.instant(in: zone),
      endsBy: endsBy
    ).judge(at: now)
    var draft = AccessRequest.Draft(
      id: id, tenant: item.tenant, kind: isAdministrator ? .adminAdd : .userAdd, target: person.target,
      requestor: item.principal.subject ?? person.id, accessPackage: item.accessPackage,
      assignmentPolicy: policy.id, organization: organization?.id, justification: item.justification,
      answers: answers,
      terms: isOwn && !demand.isEmpty
        ? .accepted
        : demand.acceptance(isExempt: isAdministrator && policy.areTermsWaivedForDirectAssignment),
      adoptsGuest: item.adoptsGuest && isAdministrator, startsAt: item.startsAt, term: term)
    if case .onBehalf(let submitter) = item.asker {
      draft.isFirstStageGiven = policy.onBehalf.isFirstStage(
        by: submitter, for: person.target, of: organization)
    }
    return AccessRequest.submit(
      draft, needsApproval: !isAdministrator && policy.approval.requiredForAdd, at: now)
  }

  private func place(_ index: Int, _ person: Subject) -> Place {
    Place(tenant: person.tenant, subject: person.id, package: items[index].accessPackage)
  }

  private func guestCount(_ organization: UUID?, without person: UUID) -> Int {
    guard let counted = organization.flatMap({ guests[$0] }), !counted.known.contains(person) else {
      return 0
    }
    return counted.count
  }

  private mutating func count(_ person: UUID, in organization: UUID?) {
    guard let organization, guests[organization]?.known.insert(person).inserted == true else { return }
    guests[organization]?.count += 1
  }

  /// The organization of a person's own sign-in, else the one that the person was matched to before.
  private static func organization(
    of person: Subject, _ item: Submission, _ unsigned: Set<UUID>, _ configuration: LoadedConfiguration
  ) -> ConnectedOrganization? {
    guard let tenant = configuration.tenants[item.tenant] else { return nil }
    let isOwn = item.asker == .oneself
    // One that became known after the caller did.
    let introduced = isOwn ? item.principal.organizationSource : nil
    let id = (isOwn ? item.principal.organization : nil) ?? person.organization
    if let id = id ?? introduced.flatMap({ tenant.sources[$0.key]?.organization }) {
      return tenant.organizations[id]
    }
    // Whoever proves the address first is the person; by it an administrator says of which organization.
    if unsigned.contains(person.id) {
      return tenant.organization(matching: OrganizationMatching.keys(ofEmail: person.email)).flatMap {
        tenant.organizations[$0]
      }
    }
    // A sponsor answers for the addresses of their own organization.
    guard case .onBehalf(let submitter) = item.asker else { return nil }
    return submitter.organization.flatMap { tenant.organizations[$0] }.flatMap {
      $0.hasDomain(ofEmail: person.email) ? $0 : nil
    }
  }

  /// By what the unknown organization of an accepted request is to be made known; nil where there is none.
  func unknownOrganization(_ index: Int, _ request: AccessRequest) -> IdentitySource? {
    let item = items[index]
    guard request.organization == nil, !request.target.isMember, item.asker == .oneself,
      let source = item.principal.organizationSource, let tenant = configuration.tenants[item.tenant],
      let policy = request.assignmentPolicy.flatMap({ tenant.policies[$0] }),
      policy.allowedTargets.takesUnknownOrganizations,
      OrganizationProposal.isOrganization(source, tenant.publicMailDomains)
    else { return nil }
    return source
  }
}
