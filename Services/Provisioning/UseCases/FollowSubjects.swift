import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Follows changed addresses and names, remembers who is barred, and cuts off whom administrators cut off.
struct FollowSubjects {
  let settle: Settlement

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_SubjectEvent>], _ work: Work) throws {
    try FollowSessions()(events, work)
    let told = try events.map { (subject: try Subject($0.body.subject), version: $0.version) }
    // A first version without a bar says nothing that requests do not say, and most people have no other.
    let news = told.filter { $0.version.number > 1 || $0.subject.bar != nil }
    guard !news.isEmpty else { return }
    let tenants = Set(events.map(\.tenant)).sorted()
    let holdings = try Holdings.lock(guests: Set(news.map(\.subject.id)), of: tenants, work)
    let table = SubjectTable(connection: work.connection)
    let known = try table.versions(Set(news.map(\.subject.id)), of: tenants)
    let newer = news.filter { item in known[item.subject.id].map { $0 < item.version } ?? true }
    try table.take(newer)
    let subjects = newer.sorted { $0.version < $1.version }.map(\.subject)
    try rename(subjects, holdings)
    try cutOff(subjects, holdings)
    try settle(holdings)
  }

  /// An idle guest goes the way of the lifecycle besides, as soon as the administrator's block does not stand for it.
  private func cutOff(_ subjects: [Subject], _ holdings: Holdings) throws {
    let lifecycle = try Lifecycle(
      guests: Set(subjects.map(\.id)), tenants: holdings.tenants, connection: holdings.work.connection,
      cache: settle.cache)
    for subject in subjects {
      holdings.change(guest: subject.id) { guest in
        let events = subject.cutOffAt != nil ? guest.cutOff(at: holdings.work.now) : guest.restore()
        guard !events.isEmpty else { return [] }
        return events
          + guest.settle(
            settings: lifecycle.settings(of: guest.tenant), hasOpenRequest: lifecycle.waits(guest.id),
            at: holdings.work.now)
      }
    }
  }

  private func rename(_ subjects: [Subject], _ holdings: Holdings) throws {
    var renamed: [UUID: (tenant: UUID, target: Target)] = [:]
    for subject in subjects {
      holdings.change(guest: subject.id) { guest in
        if guest.rename(subject.target) { renamed[subject.id] = (guest.tenant, subject.target) }
        return []
      }
    }
    guard case .embedded = settle.connectors.reach(BuiltInDirectory.originSystem) else { return }
    try DirectoryUserTable(connection: holdings.work.connection).rename(Array(renamed.values))
  }
}
