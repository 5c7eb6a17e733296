import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Lets one subject stand in for another (decision 1). A merge is a link, and a redirection: whoever signs in as the merged
/// one, or is named by its id or address, is the survivor; the survivor may do and decide what either might. What each
/// holds, its accounts, and whatever names the merged one in configuration stay as they are, so that taking it back loses
/// nothing. When that can not be done any more (`SettleMerges`), one of what is held twice ends.
struct MergeSubjects: Sendable {
  static let undoPeriod = Period.days(7)
  let store: ConfigurationStore

  struct Merge: Sendable {
    let survivor: UUID
    let merged: UUID
  }

  struct Outcome: Sendable {
    let heldTwice: [HeldTwice]
    let finalAt: Date
  }

  /// - Returns: for each merge what follows, or why it was not made.
  func callAsFunction(
    _ merges: [Merge], isDryRun: Bool, tenant: UUID, principal: Principal, _ work: Work
  ) throws -> [Result<Outcome, Refusal>] {
    try LinkSubjects.authorize(principal, tenant)
    let (table, epoch) = (SubjectTable(connection: work.connection), try work.connection.epoch())
    let named = Set(merges.flatMap { [$0.survivor, $0.merged] })
    if !isDryRun {
      try DeadlineTable(connection: work.connection).lock(named)
      try TermsTable(connection: work.connection).serialize(named)
    }
    var merging = Merging(
      people: try table.lock(named, tenants: [tenant]), taken: [], at: work.now)
    merging.taken = Set(try table.merged(into: merging.people.values).keys)
    let made = merges.map { merge in Result { () throws(Refusal) in try merging.add(merge, tenant: tenant) } }
    let stored = made.compactMap { try? $0.get() }
    let twice = try heldTwice(by: stored, tenant, work)
    if !isDryRun {
      let changed = merging.changed.compactMap { merging.people[$0] }
      try LinkSubjects.save(changed, by: principal, table, epoch, work)
      try SessionTable(connection: work.connection).take(
        changed.compactMap { subject in
          subject.sessionsNotBefore.map {
            EndedSessions(tenant: tenant, subject: subject.id, notBefore: $0)
          }
        })
      try MergeTable(connection: work.connection).save(stored)
      try DeadlineTable(connection: work.connection)
        .arm(stored.compactMap { SettleMerges.deadline(of: $0, merging.people[$0.merged], epoch: epoch) })
      // What one of them has accepted counts for what the other was assigned.
      try SettlePendingTerms(configuration: store.load([tenant], on: work.connection), work: work)(
        Set(stored.map(\.survivor)).compactMap { merging.people[$0] })
    }
    return made.map { $0.map { Outcome(heldTwice: twice[$0.survivor] ?? [], finalAt: $0.finalAt) } }
  }

  /// Takes merges back that are not final.
  ///
  /// - Returns: how many.
  static func undo(_ ids: Set<UUID>, tenant: UUID, principal: Principal, _ work: Work) throws -> Int {
    try LinkSubjects.authorize(principal, tenant)
    let (table, epoch) = (SubjectTable(connection: work.connection), try work.connection.epoch())
    try DeadlineTable(connection: work.connection).lock(ids)
    let named = try table.find(ids, tenants: [tenant])
    let members = try table.members(of: Set(named.values.compactMap(\.person)), tenants: [tenant])
    var people = try table.lock(Set(members.map(\.id)).union(ids), tenants: [tenant])
    let merges = try MergeTable(connection: work.connection).find(ids, tenants: [tenant])
    guard ids.allSatisfy({ people[$0]?.mergedInto != nil && merges[$0] != nil }) else {
      throw Refusal.notFound
    }
    if let final = merges.values.first(where: { $0.finalAt <= work.now }) {
      throw Refusal(
        .outOfRange, "This merge is final: what has followed from it can not be taken back.", field: "ids",
        hint: final.merged.text)
    }
    let before = people
    for id in ids { people[id]?.mergedInto = nil }
    LinkSubjects.part(Set(merges.values.filter { !$0.wasLinked }.map(\.merged)), &people)
    let changed = people.values.filter { before[$0.id] != $0 }.map(LinkSubjects.next)
    try LinkSubjects.save(changed, by: principal, table, epoch, work)
    try MergeTable(connection: work.connection).remove(ids, tenant: tenant)
    let versions = Dictionary(uniqueKeysWithValues: changed.map { ($0.id, $0.version) })
    try DeadlineTable(connection: work.connection).arm(
      ids.map { id in
        Deadline(
          aggregate: id, kind: SettleMerges.kind, tenant: tenant,
          version: Version(epoch: epoch, number: versions[id] ?? 1), dueAt: nil)
      })
    return ids.count
  }

  /// Of everybody who stands in for others now, by survivor.
  private func heldTwice(
    by merges: [StoredMerge], _ tenant: UUID, _ work: Work
  ) throws -> [UUID: [HeldTwice]] {
    let groups = Dictionary(grouping: merges, by: \.survivor).mapValues { Set($0.map(\.merged)) }
    guard !groups.isEmpty else { return [:] }
    let table = RequestTable(connection: work.connection)
    let people = groups.reduce(into: Set<UUID>()) { $0.formUnion($1.value.union([$1.key])) }
    let standing = try table.lock(standingOf: people.sorted(), tenant: tenant)
    return groups.reduce(into: [:]) { found, group in
      found[group.key] = HeldTwice.find(in: standing.values.holdings(of: group.key, and: group.value))
    }
  }
}

/// The merges of one call, each in the light of those before it.
private struct Merging {
  var people: [UUID: Subject]
  /// Those who stand in for others already.
  var taken: Set<UUID>
  var changed: Set<UUID> = []
  private let now: Date

  init(people: [UUID: Subject], taken: Set<UUID>, at now: Date) {
    (self.people, self.taken, self.now) = (people, taken, now)
  }

  mutating func add(_ merge: MergeSubjects.Merge, tenant: UUID) throws(Refusal) -> StoredMerge {
    guard let survivor = people[merge.survivor], let merged = people[merge.merged] else { throw .notFound }
    try check(survivor, merged)
    let wasLinked = merged.person != nil
    _ = try LinkSubjects.join(
      LinkSubjects.Link(subject: survivor.id, linked: [merged.id]), &people, &changed)
    people[merged.id]?.mergedInto = survivor.id
    // Tokens that were ended as the merged one's stay so.
    let starts = [survivor.sessionsNotBefore, merged.sessionsNotBefore].compactMap(\.self)
    people[survivor.id]?.sessionsNotBefore = starts.max()
    for id in [survivor.id, merged.id] where changed.insert(id).inserted {
      people[id] = people[id].map(LinkSubjects.next)
    }
    taken.insert(survivor.id)
    return StoredMerge(
      tenant: tenant, merged: merged.id, survivor: survivor.id, wasLinked: wasLinked,
      finalAt: now + MergeSubjects.undoPeriod)
  }

  private func check(_ survivor: Subject, _ merged: Subject) throws(Refusal) {
    var reasons: [Reason] = []
    if survivor.id == merged.id {
      reasons.append(Reason(.required, "Name somebody else who is the same person.", field: "merged"))
    }
    if survivor.kind != merged.kind {
      reasons.append(
        Reason(
          .outOfRange, "Somebody from outside and a member are not merged: link them.", field: "merged",
          hint: "\(merged.kind.rawValue) into \(survivor.kind.rawValue)"))
    }
    for (field, subject) in [("survivor", survivor), ("merged", merged)] {
      if let other = subject.mergedInto {
        reasons.append(
          Reason(.inUse, "This subject was merged into another one.", field: field, hint: other.text))
      }
      if subject.leftAt != nil { reasons.append(Reason(.subjectLeft, "This person has left.", field: field)) }
      if subject.cutOffAt != nil {
        reasons.append(Reason(.subjectBarred, "This person is cut off.", field: field))
      }
    }
    if taken.contains(merged.id) {
      reasons.append(
        Reason(.inUse, "Others were merged into this subject: name it as the survivor.", field: "merged"))
    }
    if !reasons.isEmpty { throw Refusal(reasons) }
  }
}

extension Collection<StoredRequest> {
  /// What a person holds, or asks for, by these subjects.
  func holdings(of survivor: UUID, and merged: Set<UUID>) -> [HeldTwice.Holding] {
    compactMap { stored in
      let request = stored.request
      guard request.target.subject == survivor || merged.contains(request.target.subject),
        request.isLive(assignment: stored.assignment), stored.assignment?.state != .removing
      else { return nil }
      let isDelivered = stored.assignment?.deliveredAt != nil
      return HeldTwice.Holding(
        id: request.id, accessPackage: request.accessPackage,
        isGranted: request.state != .pendingApproval && request.state != .scheduled,
        endsAt: isDelivered ? stored.assignment?.endsAt : request.term.end(from: request.createdAt),
        isSurvivors: request.target.subject == survivor)
    }
  }
}
