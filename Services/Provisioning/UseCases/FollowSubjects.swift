import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Follows changed addresses and names, and remembers who is barred.
struct FollowSubjects {
  let settle: Settlement

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_SubjectEvent>], _ work: Work) throws {
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
    try rename(newer.sorted { $0.version < $1.version }.map(\.subject), holdings)
    try settle(holdings)
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
