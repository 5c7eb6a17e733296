import EntitlementModel
import Foundation
import Identity
import Postgres

/// Whether those who ask for others, or about what others have, may do anything at all: a bar holds for whoever else they
/// are (decision 6); having left does not.
struct Presence {
  private let callers: [UUID: Subject]
  /// Those who are barred by any of their identities.
  private let barred: Set<UUID>
  private let now: Date

  init(
    of principals: some Sequence<Principal>, tenants: Set<UUID>, _ connection: Connection, at now: Date
  ) throws {
    self.now = now
    let asking = Set(principals.compactMap(\.subject))
    guard !asking.isEmpty else {
      (callers, barred) = ([:], [])
      return
    }
    let table = SubjectTable(connection: connection)
    callers = try table.find(asking, tenants: tenants)
    let persons = Set(callers.values.compactMap(\.person))
    let linked = persons.isEmpty ? [] : try table.members(of: persons, tenants: tenants)
    barred = Set(linked.filter { $0.isBarred(at: now) }.compactMap(\.person))
  }

  /// - Throws: `subjectLeft` or `subjectBarred`; nothing for whoever is no subject.
  func require(_ principal: Principal) throws(Refusal) {
    guard let caller = principal.subject.flatMap({ callers[$0] }) else { return }
    if caller.leftAt != nil { throw Refusal(.subjectLeft, "You have left.") }
    if caller.isBarred(at: now) || caller.person.map(barred.contains) ?? false {
      throw Refusal(.subjectBarred, "You are barred.")
    }
  }

  /// Whether the caller is somebody who may act.
  func holds(_ principal: Principal) -> Bool {
    guard let caller = principal.subject, callers[caller] != nil else { return false }
    do throws(Refusal) {
      try require(principal)
      return true
    } catch {
      return false
    }
  }
}
