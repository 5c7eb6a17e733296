import EntitlementModel
import Foundation
import Messaging

/// A merge is final: of what the person holds twice one ends. Nobody loses a package by it, so no second administrator is
/// asked.
struct SettleMerges: Sendable {
  static let kind = "merge"
  let store: ConfigurationStore

  static func deadline(of merge: StoredMerge, _ merged: Subject?, epoch: Int) -> Deadline? {
    merged.map {
      Deadline(
        aggregate: merge.merged, kind: kind, tenant: merge.tenant,
        version: Version(epoch: epoch, number: $0.version), dueAt: merge.finalAt)
    }
  }

  /// - Returns: the deadlines as they are to be afterwards: nothing more is due.
  func callAsFunction(_ deadlines: [Deadline], _ work: Work) throws -> [Deadline] {
    for (tenant, due) in Dictionary(grouping: deadlines, by: \.tenant).sorted(by: { $0.key < $1.key }) {
      try settle(due, tenant, work)
    }
    return deadlines.map { deadline in
      var fired = deadline
      fired.dueAt = nil
      return fired
    }
  }

  private func settle(_ due: [Deadline], _ tenant: UUID, _ work: Work) throws {
    let merges = try MergeTable(connection: work.connection).find(due.map(\.aggregate), tenants: [tenant])
    let standing = due.compactMap { deadline in
      merges[deadline.aggregate].flatMap { merge in
        deadline.dueAt.map { $0.isSameInstant(as: merge.finalAt) } == true ? merge : nil
      }
    }
    let groups = Dictionary(grouping: standing, by: \.survivor).mapValues { Set($0.map(\.merged)) }
    guard !groups.isEmpty else { return }
    let (table, loaded) = (
      RequestTable(connection: work.connection), try store.load([tenant], on: work.connection)
    )
    let people = groups.reduce(into: Set<UUID>()) { $0.formUnion($1.value.union([$1.key])) }
    let linked = try SubjectTable(connection: work.connection).find(people, tenants: [tenant])
    try table.serialize(people: Set(linked.values.compactMap(\.person)))
    let held = try table.lock(standingOf: people.sorted(), tenant: tenant)
    var batch = RemovalBatch(locked: held, events: RequestEvents(configuration: loaded, work: work))
    for (survivor, merged) in groups.sorted(by: { $0.key < $1.key }) {
      for twice in HeldTwice.find(in: held.values.holdings(of: survivor, and: merged)) {
        for id in twice.ended { try end(id, in: &batch, work) }
      }
    }
    try batch.save()
  }

  private func end(_ id: UUID, in batch: inout RemovalBatch, _ work: Work) throws {
    try batch.cancel(id, by: .system)
    guard let stored = batch.locked[id], stored.isRemovable else { return }
    try batch.end(
      stored, id: work.newID(), kind: .systemRemove, requestor: stored.request.target.subject,
      justification: "One person held the package twice.", because: .heldTwice, by: .system)
  }
}
