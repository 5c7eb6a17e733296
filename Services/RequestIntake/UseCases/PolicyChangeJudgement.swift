import Contracts
import EntitlementModel
import Foundation
import Identity

/// Judges one move of somebody's access to another policy, as if it were asked for under that policy: for whom it is, what
/// it asks, who approves, and how long it gives.
struct PolicyChangeJudgement {
  /// What bears on the moves of a batch.
  struct Circumstances {
    let configuration: LoadedConfiguration
    let people: [UUID: Subject]
    let linked: LinkedPeople
    let standing: [Place: Standing]
    let memberships: GroupMemberships
    let colleagues: Colleagues
    let terms: TermsOnRecord
    let attributes: StoredAttributes
    let presence: Presence
    let now: Date
  }

  struct Verdict {
    let request: AccessRequest
    let events: [AccessRequest.Event]
    let acceptances: [StoredAcceptance]
  }

  private let item: PolicyChange
  private let origin: StoredRequest
  private let person: Subject
  private let access: AssignmentAccess
  private let tenant: TenantConfiguration
  private let catalog: Catalog
  private let circumstances: Circumstances

  /// - Throws: `notFound` to whoever may not know of it, `assignmentNotLive` for what is not there (yet, or any more).
  init(_ item: PolicyChange, of origin: StoredRequest, _ circumstances: Circumstances) throws(Refusal) {
    (self.item, self.origin, self.circumstances) = (item, origin, circumstances)
    let (request, configuration, now) = (origin.held, circumstances.configuration, circumstances.now)
    access = try AssignmentAccess(
      item.principal, to: request, for: .update, configuration, circumstances.colleagues)
    guard let person = circumstances.people[request.target.subject],
      let tenant = configuration.tenants[request.tenant],
      let catalog = tenant.catalog(of: request.accessPackage).flatMap({ tenant.catalogs[$0] })
    else { throw .notFound }
    (self.tenant, self.catalog) = (tenant, catalog)
    self.person = circumstances.linked.barred(person, at: now)
    if !item.principal.isSubject(person.id) { try circumstances.presence.require(item.principal) }
    try origin.requireLive()
    guard item.policy != request.assignmentPolicy else {
      throw Refusal(
        .outOfRange, "The access is under this policy already.", field: "assignment_policy",
        hint: "another policy of the package")
    }
  }

  func judge(id: UUID) throws(Refusal) -> Verdict {
    let eligibility = eligibility
    let policy = try eligibility.judge(at: circumstances.now).get()
    let stored = circumstances.attributes.demand(of: policy.accessPackage, person)
    let answers = stored.completed(answers(to: policy))
    let demand = circumstances.terms.demand(of: policy, person)
    let faults =
      Questionnaire(policy.questions + stored.questions).faults(of: answers) + faults(of: policy)
      + (isAdministrator ? [] : stored.faults(of: item.ask.answers))
      + (access == .own ? demand.reasons(offered: item.ask.acceptedTerms) : [])
    if !faults.isEmpty { throw Refusal(faults) }
    let term = try RequestedTerm(
      policy: policy, organization: organization, startsAt: nil,
      endsAt: item.end?.instant(in: tenant.timeZone),
      since: origin.assignment?.deliveredAt
    ).judge(at: circumstances.now).capped(at: eligibility.separation.endsBy)
    try checkIsNoRemoval(term)
    let isExempt = isAdministrator && policy.areTermsWaivedForDirectAssignment
    let acceptance =
      access != .own || demand.isEmpty ? demand.acceptance(isExempt: isExempt) : TermsAcceptance.accepted
    let draft = AccessRequest.Draft(
      id: id, tenant: origin.request.tenant, kind: isAdministrator ? .adminUpdate : .userUpdate,
      update: .policy,
      target: person.target, requestor: item.principal.subject ?? person.id,
      accessPackage: origin.request.accessPackage, assignmentPolicy: policy.id,
      organization: organization?.id, assignment: origin.request.id, justification: item.ask.justification,
      answers: answers, terms: acceptance, term: term)
    let (request, events) = AccessRequest.submit(
      draft, needsApproval: !isAdministrator && policy.approval.requiredForAdd,
      at: origin.later(than: circumstances.now))
    return Verdict(
      request: request, events: events,
      acceptances: access == .own
        ? circumstances.terms.new(of: item.ask.acceptedTerms, under: policy, person, at: circumstances.now)
        : [])
  }

  private var isAdministrator: Bool { access == .administrator }

  private var organization: ConnectedOrganization? {
    let matched =
      (access == .own ? item.principal.organization : nil) ?? person.organization
      ?? (access == .own ? nil : origin.request.organization)
    return matched.flatMap { tenant.organizations[$0] }
  }

  private var eligibility: Eligibility {
    var policies = tenant.policies(of: origin.request.accessPackage)
    if access == .onBehalf {
      let submitter = circumstances.colleagues.submitter(item.principal, for: person.id)
      policies.removeAll { policy in
        submitter.map { !policy.onBehalf.allows(.add, by: $0, forPeopleOf: organization) } ?? true
      }
    }
    let place = origin.request.place
    return Eligibility(
      subject: person, organization: organization, catalog: catalog, policies: policies,
      domainList: tenant.domainList, chosenPolicy: item.policy, standing: nil, isGuest: true,
      isAdministrator: isAdministrator, isOnBehalf: access == .onBehalf,
      groups: circumstances.memberships(person.id),
      separation: tenant.separation(
        of: place, circumstances.standing, circumstances.memberships, at: circumstances.now))
  }

  /// What was answered before counts where the policy asks the same.
  private func answers(to policy: AssignmentPolicy) -> [QuestionAnswer] {
    let (given, asked) = (Set(item.ask.answers.map(\.question)), Set(policy.questions.map(\.id)))
    let before = origin.answers.answers.filter { asked.contains($0.question) && !given.contains($0.question) }
    return item.ask.answers + before
  }

  private func faults(of policy: AssignmentPolicy) -> [Reason] {
    if isAdministrator { return [] }
    var faults: [Reason] = []
    if policy.approval.misses(item.ask.justification) {
      faults.append(
        Reason(.justificationRequired, "Say why the access is needed.", field: "justification"))
    }
    if !policy.mayChooseSchedule, item.end != nil {
      faults.append(Reason(.scheduleNotAllowed, "The policy decides when access ends.", field: "schedule"))
    }
    return faults
  }

  /// Ending others' access within the hour is a removal, and guarded as one (decision 26).
  private func checkIsNoRemoval(_ term: Term) throws(Refusal) {
    let hour = circumstances.now.addingTimeInterval(3_600)
    guard access != .own, let end = term.end(from: circumstances.now), end < hour,
      origin.assignment?.endsAt.map({ end < $0 }) ?? true
    else { return }
    throw Refusal(
      .outOfRange, "Access would end within the hour under this policy.", field: "assignment_policy",
      hint: "remove the assignment instead")
  }
}
