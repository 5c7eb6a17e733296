import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Puts people one after the other over locked rows, each in the light of those before it.
struct SubjectBatch {
  private let tenant: UUID
  private let configuration: TenantConfiguration
  private let work: Work
  private var table: SubjectTable { SubjectTable(connection: work.connection) }
  private var people: [UUID: Subject]
  private var owners: [EntitlementModel.Identity: UUID]
  private var names: [String: UUID]
  /// Those whom the asked ones name, as far as there are such people.
  private let known: Set<UUID>
  private var changed: Set<UUID> = []
  private var told: Set<UUID> = []

  init(_ asked: [Subject], tenant: UUID, _ configuration: TenantConfiguration, _ work: Work) throws {
    (self.tenant, self.configuration, self.work) = (tenant, configuration, work)
    let table = SubjectTable(connection: work.connection)
    let locked = try table.lock(Set(asked.map(\.id)), tenants: [tenant])
    people = Dictionary(
      uniqueKeysWithValues: try table.withIdentities(Array(locked.values)).map { ($0.id, $0) })
    let identities = Set(asked.flatMap { $0.identities.map { TenantIdentity(tenant: tenant, identity: $0) } })
    owners = Dictionary(
      uniqueKeysWithValues: try table.find(identities).map { ($0.key.identity, $0.value.id) })
    known = Set(try table.find(Set(asked.flatMap(\.named)), tenants: [tenant]).keys)
    names = try table.find(names: asked.map(\.name).filter { !$0.isEmpty }, tenant: tenant)
  }

  /// Of these the people whom the caller may bar, and bars anew, with the versions in which they are stored.
  func bars(_ asked: [Subject], _ principal: Principal) -> [UUID: Int] {
    asked.reduce(into: [:]) { bars, next in
      guard next.bar != nil, let before = people[next.id], before.bar == nil,
        (try? authorize(next, before, principal)) != nil
      else { return }
      bars[next.id] = before.version
    }
  }

  /// - Returns: the person as stored from now on.
  mutating func put(
    _ asked: Subject, version: Vestibule_Model_V1_Version?, _ principal: Principal
  ) throws(Refusal) -> Subject {
    let before = people[asked.id]
    try authorize(asked, before, principal)
    if let version, Int(version.number) != before?.version ?? 0 {
      throw Refusal(
        .versionConflict, "The stored person is of another version.", field: "version",
        hint: "\(before?.version ?? 0)")
    }
    if before?.isErased ?? false {
      throw Refusal(.subjectErased, "What was known of this person was erased for good.", field: "id")
    }
    try check(asked)
    var next = asked
    next.organization = asked.organization ?? matched(asked) ?? before?.organization
    (next.version, next.leftAt) = (before?.version ?? 1, before?.leftAt)
    // Only CutOff and Restore, Link and Unlink say this.
    (next.cutOffAt, next.sessionsNotBefore) = (before?.cutOffAt, before?.sessionsNotBefore)
    (next.person, next.mergedInto) = (before?.person, before?.mergedInto)
    (next.legalHold, next.erasedAt) = (before?.legalHold, nil)
    if before?.cutOffAt != nil { next.bar = before?.bar }
    if asked.identities.isEmpty, let before { next.identities = before.identities }
    next.identities.sort { ($0.issuer, $0.subject) < ($1.issuer, $1.subject) }
    if next == before { return next }
    if before != nil { next.version += 1 }
    note(next, before)
    return next
  }

  /// - Returns: the ids of those that were not stored, for they are another tenant's.
  func save(epoch: Int, by initiator: Initiator) throws -> Set<UUID> {
    let subjects = changed.compactMap { people[$0] }
    guard !subjects.isEmpty else { return [] }
    let saved = try table.save(subjects)
    let own = subjects.filter { saved.contains($0.id) }
    try table.replaceIdentities(own)
    let events = SubjectEvents(epoch: epoch, work: work)
    for subject in own.sorted(by: { $0.id < $1.id }) {
      if told.contains(subject.id) {
        try events.tell(subject, by: initiator)
      } else {
        events.record(subject, by: initiator)
      }
    }
    return changed.subtracting(saved)
  }

  private mutating func note(_ next: Subject, _ before: Subject?) {
    people[next.id] = next
    for identity in next.identities { owners[identity] = next.id }
    if !next.name.isEmpty { names[next.name] = next.id }
    changed.insert(next.id)
    let wasTold = before.map { [$0.email, $0.displayName] } ?? [next.email, next.displayName]
    let hasMoved = before.map { $0.organization != next.organization } ?? false
    let hasNews = wasTold != [next.email, next.displayName] || before?.bar != next.bar || hasMoved
    // Whom files and commands call by name may be meant before anything else is told of them: as a delegate.
    let isIntroduced = !next.name.isEmpty && before?.name != next.name
    if hasNews || isIntroduced || before?.named ?? [] != next.named { told.insert(next.id) }
  }

  private func authorize(_ asked: Subject, _ before: Subject?, _ principal: Principal) throws(Refusal) {
    if principal.isOperator { return }
    let concernsMembers = asked.kind == .member || before?.kind == .member
    try Authorization.require(
      principal, concernsMembers ? .administerTenant : .manageConnectedOrganizations,
      AuthorizationFacts(tenant: tenant))
  }

  private func check(_ asked: Subject) throws(Refusal) {
    var reasons: [Reason] = []
    if let organization = asked.organization, configuration.organizations[organization] == nil {
      reasons.append(
        Reason(
          .unknownReference, "There is no such organization.", field: "organization", hint: organization.text)
      )
    }
    if let owner = names[asked.name], owner != asked.id {
      reasons.append(Reason(.nameTaken, "Another person has this name.", field: "name", hint: owner.text))
    }
    reasons += relationFaults(asked)
    for (index, identity) in asked.identities.enumerated() {
      guard let owner = owners[identity], owner != asked.id else { continue }
      reasons.append(
        Reason(
          .sourceTaken, "This identity is another person's.", field: "identities[\(index)]", hint: owner.text)
      )
    }
    if !reasons.isEmpty { throw Refusal(reasons) }
  }

  private func relationFaults(_ asked: Subject) -> [Reason] {
    var reasons: [Reason] = []
    if asked.manager != nil, asked.kind == .external {
      reasons.append(
        Reason(
          .outOfRange, "People from outside have no manager here.", field: "manager",
          hint: "sponsors, who answer for the person"))
    }
    if asked.sponsors.count > Subject.mostSponsors {
      reasons.append(
        Reason(.tooManyItems, "So many can not answer for a person.", field: "sponsors", hint: "at most 5"))
    }
    let fields = asked.manager.map { [("manager", $0)] } ?? []
    for (field, id) in fields + asked.sponsors.enumerated().map({ ("sponsors[\($0)]", $1) }) {
      if id == asked.id {
        reasons.append(Reason(.outOfRange, "Name somebody else.", field: field))
      } else if !known.contains(id), people[id] == nil {
        reasons.append(Reason(.unknownReference, "There is no such person.", field: field, hint: id.text))
      }
    }
    return reasons
  }

  /// An identity's issuer may stand for an organization; an address that nobody has proved does not.
  private func matched(_ asked: Subject) -> UUID? {
    configuration.organization(
      matching: asked.identities.flatMap {
        OrganizationMatching.keys(issuer: $0.issuer, email: nil, isEmailProved: false)
      })
  }
}

extension Subject {
  /// Those who stand above the person, or answer for the person.
  fileprivate var named: [UUID] { [manager].compactMap(\.self) + sponsors }
}
