import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Who may decide now: the policies' stages and the people that they ask for as the copies have them, without those
/// who are barred or have left.
struct Approvers {
  private(set) var stages: [UUID: [AssignmentPolicy.Stage]] = [:]
  private(set) var organizations: [UUID: ConnectedOrganization] = [:]
  /// What each policy is for.
  private(set) var packages: [UUID: UUID] = [:]
  private(set) var relations = Relations()
  /// Everybody whom policies and organizations name.
  private var askedPeople: Set<UUID> = []
  private var policiesThatLetAdministratorsDecide: Set<UUID> = []
  private var tenantsThatHide: Set<UUID> = []
  private var groups: [UUID: GroupSight] = [:]
  private var hindrances: [UUID: Hindrance] = [:]
  /// The partners' sponsors who belong to another organization by now, by the one that names them.
  private var elsewhere: [UUID: Set<UUID>] = [:]
  /// For whom each caller stands in now, besides themselves, and for whom each of those does.
  private let delegators: [UUID: [UUID]]
  /// Who else each of them is.
  private let linked: [UUID: Set<UUID>]
  /// Who else those are whom requests that were looked around concern, or who have decided them.
  private var concernedLinks: [UUID: Set<UUID>] = [:]
  /// Who stands in for those whom they concern.
  private var concernedDelegates: [UUID: [UUID]] = [:]
  /// Of groups with no more members who may act it is known who they are: who decides nothing may be all of them.
  private static let fewMembers = 15
  private let subjects: SubjectCopyTable
  private let tenants: Set<UUID>
  private let now: Date

  /// - Parameter callers: those of whom it will be asked.
  init(
    _ objects: some Sequence<Vestibule_Model_V1_ConfigurationObject>, callers: Set<UUID>, tenants: Set<UUID>,
    on connection: Connection, at now: Date
  ) throws {
    (subjects, self.tenants, self.now) = (SubjectCopyTable(connection: connection), tenants, now)
    let delegations = try DelegationTable(connection: connection)
      .chains(to: callers, tenants: tenants, at: now)
    delegators = Dictionary(grouping: delegations, by: \.delegate).mapValues { $0.map(\.approver) }
    let asked = callers.union(delegations.map(\.approver))
    linked = try subjects.linked(to: asked, tenants: tenants)
    for object in objects { try take(object) }
    hindrances = try subjects.hindrances(of: asked.union(askedPeople), tenants: tenants, at: now)
    if !hindrances.isEmpty { leaveOutHindered() }
    try lookIntoGroups(for: asked, on: connection)
    elsewhere = try sponsorsElsewhere()
  }

  /// Looks up those around these requests whom the stages ask for.
  mutating func look(around approvals: some Collection<ApprovalProcess>) throws {
    try look(above: Set(approvals.map(\.requestor)), of: Set(approvals.map(\.target.subject)))
  }

  /// Looks up as much as it takes to say whether anybody decides them.
  mutating func look(around requests: [WaitingRequest]) throws {
    let (requestors, targets) = (Set(requests.map(\.requestor)), Set(requests.map(\.target)))
    try look(above: requestors, of: targets)
    let concerned = requestors.union(targets)
    concernedLinks = try subjects.linked(
      to: requests.reduce(into: concerned) { $0.formUnion($1.deciders) }, tenants: tenants)
    concernedDelegates = Dictionary(
      grouping: try DelegationTable(connection: subjects.connection)
        .find(of: everybody(who: concerned), tenants: tenants).filter { $0.isActive(at: now) },
      by: \.approver
    ).mapValues { $0.map(\.delegate) }
    let named = requests.reduce(into: Set<UUID>()) { $0.formUnion($1.reassignedTo ?? []) }
    try addHindrances(of: named)
  }

  private mutating func look(above requestors: Set<UUID>, of targets: Set<UUID>) throws {
    guard dependsOnPeople, !requestors.isEmpty else { return }
    let found = try subjects.relations(above: requestors, of: targets, tenants: tenants)
    try addHindrances(of: found.people)
    relations = found
  }

  private mutating func addHindrances(of people: Set<UUID>) throws {
    hindrances.merge(try subjects.hindrances(of: people, tenants: tenants, at: now)) { _, new in new }
  }

  private mutating func lookIntoGroups(for people: Set<UUID>, on connection: Connection) throws {
    let asked = stages.values.joined().reduce(into: Set<String>()) { $0.formUnion($1.namedGroups) }
    let named = organizations.values.reduce(into: asked) { $0.formUnion($1.sponsorGroups) }
    guard !named.isEmpty else { return }
    let memberships = try GroupMemberCopies(connection: connection)
      .memberships(of: people, in: named, tenants: tenants)
    for tenant in tenants {
      let active = try subjects.activeMembers(of: named, tenant: tenant, at: now, limit: Self.fewMembers + 1)
      groups[tenant] = GroupSight(
        populated: Set(active.keys), few: active.filter { $0.value.count <= Self.fewMembers },
        memberships: memberships)
    }
  }

  /// Whether who decides is another person from request to request.
  var dependsOnPeople: Bool { stages.values.joined().contains(where: \.dependsOnPeople) }

  func mayAct(_ person: UUID) -> Bool { hindrances[person] == nil }

  /// Whoever keeps one of those whom policies and organizations name, or one of few in a group, from deciding what is of or
  /// for them: each of them, and whoever lets them decide too, by every identity.
  func peopleOfConcern() throws -> Set<UUID> {
    let asked = groups.values.reduce(into: askedPeople) { people, sight in
      people.formUnion(sight.few.values.joined())
    }
    let delegations = try DelegationTable(connection: subjects.connection)
      .find(to: asked, tenants: tenants).filter { $0.isActive(at: now) }
    let people = asked.union(delegations.map(\.approver))
    return try subjects.linked(to: people, tenants: tenants).values.reduce(into: people) {
      $0.formUnion($1)
    }
  }

  /// Who decides nothing more of a request that was looked around: those whom it concerns and their delegates, and those who
  /// have decided.
  func involved(in request: WaitingRequest) -> Set<UUID> {
    let concerned = everybody(who: [request.requestor, request.target])
    return concerned.union(concerned.flatMap { concernedDelegates[$0] ?? [] })
      .union(everybody(who: Set(request.deciders)))
  }

  /// These people, and who else they are.
  private func everybody(who people: Set<UUID>) -> Set<UUID> {
    people.reduce(into: people) { $0.formUnion(concernedLinks[$1] ?? []) }
  }

  func administratorsMayDecide(under policy: UUID) -> Bool {
    policiesThatLetAdministratorsDecide.contains(policy)
  }

  func hindrance(of caller: UUID) -> Hindrance? { hindrances[caller] }

  /// The round of asking that an approval is in, as its policy has it now; nil for one that the policy has no more.
  func stage(_ number: Int, of policy: UUID) -> AssignmentPolicy.Stage? {
    guard let stages = stages[policy], stages.indices.contains(number) else { return nil }
    return stages[number]
  }

  /// Whether whoever asked is told who decided a stage.
  func areShown(in stage: Int, of approval: ApprovalProcess) -> Bool {
    let said = self.stage(stage, of: approval.assignmentPolicy)?.approverVisibility ?? .tenantDefault
    return said.isShown(byTenant: !tenantsThatHide.contains(approval.tenant))
  }

  /// The caller, and those for whom the caller stands in.
  func seats(of caller: Caller) -> [UUID] {
    let own = [caller.subject] + caller.merged.sorted()
    return own + own.flatMap { delegators[$0] ?? [] }
  }

  /// Everybody who must not be concerned by what the caller decides: those seats, and whoever else they are.
  func concerned(by caller: Caller) -> Set<UUID> { linkedToo(Set(seats(of: caller))) }

  /// Whoever the caller is, by every identity.
  func everybody(whois caller: Caller) -> Set<UUID> { linkedToo(caller.subjects) }

  private func linkedToo(_ people: Set<UUID>) -> Set<UUID> {
    people.reduce(into: people) { $0.formUnion(linked[$1] ?? []) }
  }

  /// Whose word somebody may give in a stage of a request. A partner's sponsor, and the delegate of one, must both belong
  /// to that partner.
  func seats(
    of caller: Caller, stage: AssignmentPolicy.Stage?, around surroundings: RequestSurroundings,
    isEscalated: Bool
  ) -> [Seat] {
    guard hindrance(of: caller.subject) == nil, let stage else { return [] }
    var around = surroundings
    // Where callers belong their sign-in says.
    around.elsewhere.subtract(caller.subjects)
    let resolution = ApproverResolution(stage, around: around)
    return seats(of: caller).filter { hindrances[$0] == nil }.compactMap { approver in
      resolution.capacity(of: approver, from: caller.organization, isEscalated: isEscalated)
        .map { Seat(approver: approver, capacity: $0) }
    }
  }

  /// Whose word somebody may give on what waits of an approval that was looked around: of several that of whoever has not
  /// been heard yet; nil for nobody's.
  func seat(of caller: Caller, in approval: ApprovalProcess) -> Seat? {
    let named = approval.waiting.reassignedTo.map { seats(of: caller, among: $0) }
    let held = (named ?? seatsByPolicy(of: caller, in: approval))
      .filter { caller.subjects.contains($0.approver) || mayDecide($0.approver, approval) }
    return held.first { !approval.waiting.hasWord(of: linkedToo([$0.approver])) } ?? held.first
  }

  /// Whether an approver does not stand in for anybody whom it concerns: what they must not decide their delegate must not
  /// either.
  private func mayDecide(_ approver: UUID, _ approval: ApprovalProcess) -> Bool {
    linkedToo(Set(delegators[approver] ?? [])).isDisjoint(with: [approval.target.subject, approval.requestor])
  }

  /// Whether what waits of an approval that was looked around has the caller's word, or that of the seat, by whatever
  /// identity.
  func hasWord(of caller: Caller, in seat: Seat, of approval: ApprovalProcess) -> Bool {
    approval.waiting.hasWord(of: linkedToo(caller.subjects.union([seat.approver])))
  }

  /// Whether somebody would decide what waits, had it not been reassigned to others.
  func isReplaced(_ caller: Caller, in approval: ApprovalProcess) -> Bool {
    let former = approval.waiting.reassignments
    return !former.isEmpty
      && (!seatsByPolicy(of: caller, in: approval).isEmpty
        || former.contains { !seats(of: caller, among: Set($0.approvers)).isEmpty })
  }

  private func seatsByPolicy(of caller: Caller, in approval: ApprovalProcess) -> [Seat] {
    seats(
      of: caller, stage: stage(approval.currentStage, of: approval.assignmentPolicy),
      around: surroundings(of: approval), isEscalated: approval.waiting.isEscalated)
  }

  private func seats(of caller: Caller, among named: Set<UUID>) -> [Seat] {
    guard hindrance(of: caller.subject) == nil else { return [] }
    return seats(of: caller).filter { named.contains($0) && hindrances[$0] == nil }
      .map { Seat(approver: $0, capacity: .reassigned) }
  }

  /// Whether somebody was named for a stage of it.
  func isNamed(_ caller: Caller, in approval: ApprovalProcess) -> Bool {
    approval.stages.contains { stage in
      stage.reassignedTo.map { !seats(of: caller, among: $0).isEmpty } ?? false
    }
  }

  /// Those around an approval that was looked around.
  func surroundings(of approval: ApprovalProcess) -> RequestSurroundings {
    surroundings(
      of: approval.organization, tenant: approval.tenant, requestor: approval.requestor,
      target: approval.target.subject)
  }

  func surroundings(
    of organization: UUID?, tenant: UUID, requestor: UUID, target: UUID
  ) -> RequestSurroundings {
    var found = surroundings(of: organization, tenant: tenant)
    found.managers = relations.managers(above: requestor).filter { hindrances[$1] == nil }
    found.targetSponsors = (relations.sponsors[target] ?? []).filter { hindrances[$0] == nil }
    return found
  }

  func surroundings(of organization: UUID?, tenant: UUID) -> RequestSurroundings {
    RequestSurroundings(
      organization: organization.flatMap { organizations[$0] }, groups: groups[tenant] ?? GroupSight(),
      hindered: Set(hindrances.keys), elsewhere: organization.flatMap { elsewhere[$0] } ?? [])
  }

  /// Whether a sponsor of a partner belongs to another organization by now.
  func isElsewhere(_ sponsor: UUID, than organization: UUID) -> Bool {
    elsewhere[organization]?.contains(sponsor) ?? false
  }

  private func sponsorsElsewhere() throws -> [UUID: Set<UUID>] {
    let sponsors = organizations.mapValues { organization in
      organization.externalSponsorGroups.reduce(into: Set(organization.externalSponsors)) { people, group in
        for sight in groups.values { people.formUnion(sight.few[group] ?? []) }
      }
    }
    let homes = try subjects.organizations(
      of: sponsors.values.reduce(into: []) { $0.formUnion($1) }, tenants: tenants)
    return sponsors.reduce(into: [:]) { elsewhere, entry in
      let strangers = entry.value.filter { (homes[$0] ?? entry.key) != entry.key }
      if !strangers.isEmpty { elsewhere[entry.key] = strangers }
    }
  }

  private mutating func take(_ object: Vestibule_Model_V1_ConfigurationObject) throws {
    switch object.kind {
    case .assignmentPolicy:
      let policy = try AssignmentPolicy(object)
      (stages[policy.id], packages[policy.id]) = (policy.approval.stages, policy.accessPackage)
      askedPeople.formUnion(policy.approval.stages.flatMap(\.namedApprovers))
      if policy.approval.administratorsMayDecide { policiesThatLetAdministratorsDecide.insert(policy.id) }
    case .connectedOrganization:
      let organization = try ConnectedOrganization(object)
      organizations[organization.id] = organization
      askedPeople.formUnion(organization.internalSponsors + organization.externalSponsors)
    case .tenant:
      if let id = UUID(text: object.tenant), try !Tenant(object).showsApprovers { tenantsThatHide.insert(id) }
    case .issuer, .roleAssignment, .catalog, .resource, .accessPackage, .domainList, .lifecycleSettings,
      .terms,
      .unspecified, .UNRECOGNIZED:
      break
    }
  }

  private mutating func leaveOutHindered() {
    let hindered = hindrances
    organizations = organizations.mapValues { organization in
      var organization = organization
      organization.internalSponsors.removeAll { hindered[$0] != nil }
      organization.externalSponsors.removeAll { hindered[$0] != nil }
      return organization
    }
  }
}

/// An approver's place, held by the approver or a delegate.
struct Seat: Sendable, Hashable {
  let approver: UUID
  let capacity: ApprovalProcess.Capacity
}

extension AssignmentPolicy.Approver {
  fileprivate var user: UUID? {
    switch self {
    case .singleUser(let user): user
    case .internalSponsors, .externalSponsors, .requestorManager, .targetUserSponsors, .groupMembers: nil
    }
  }

  fileprivate var group: String? {
    if case .groupMembers(let group) = self { group } else { nil }
  }

  fileprivate var dependsOnPeople: Bool {
    switch self {
    case .requestorManager, .targetUserSponsors: true
    case .singleUser, .internalSponsors, .externalSponsors, .groupMembers: false
    }
  }
}

extension AssignmentPolicy.Stage {
  var dependsOnPeople: Bool { asked.contains(where: \.dependsOnPeople) }

  private var asked: [AssignmentPolicy.Approver] { approvers + (escalation?.approvers ?? []) }

  private var named: [AssignmentPolicy.Approver] {
    asked + fallbackApprovers + (escalation?.fallbackApprovers ?? [])
  }

  fileprivate var namedApprovers: [UUID] { named.compactMap(\.user) }

  fileprivate var namedGroups: [String] { named.compactMap(\.group) }
}
