import Contracts
import EntitlementModel
package import Foundation
package import Postgres
package import Protocols

/// A reader's copies of who is in the groups that configuration names: the newest state seen of each person counts.
package struct GroupMemberCopies {
  private let connection: Connection

  package init(connection: Connection) {
    self.connection = connection
  }

  private struct Row: Hashable {
    let tenant: UUID
    let group: String
    let subject: UUID
  }

  /// Takes newer states, in whatever order they come.
  package func take(_ events: [Received<Vestibule_Events_V1_DirectoryGroupEvent>]) throws {
    var newest: [Row: (isMember: Bool, version: EntitlementModel.Version)] = [:]
    for event in events {
      for (index, member) in event.body.members.enumerated() {
        let row = Row(
          tenant: event.tenant, group: event.body.group,
          subject: try Field.id(member.subject, at: "members[\(index)].subject"))
        let version = EntitlementModel.Version(epoch: event.version.epoch, number: Int(member.version))
        if newest[row].map({ $0.version < version }) ?? true { newest[row] = (member.isMember, version) }
      }
    }
    let rows = newest.sorted { ($0.key.group, $0.key.subject) < ($1.key.group, $1.key.subject) }
    guard !rows.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO group_member_copy AS c (tenant, "group", subject, is_member, epoch, version)
      SELECT * FROM unnest(\(rows.map(\.key.tenant)), \(rows.map(\.key.group)), \(rows.map(\.key.subject)),
        \(rows.map(\.value.isMember)), \(rows.map { Int32($0.value.version.epoch) }), \(rows.map(\.value.version.number)))
      ON CONFLICT (subject, "group", tenant) DO UPDATE
      SET is_member = excluded.is_member, epoch = excluded.epoch, version = excluded.version
      WHERE (c.epoch, c.version) < (excluded.epoch, excluded.version)
      """)
  }

  /// Everybody who is in one of these groups.
  package func members(of groups: Set<String>, tenant: UUID) throws -> Set<UUID> {
    guard !groups.isEmpty else { return [] }
    return Set(
      try connection.values(
        """
        SELECT subject FROM group_member_copy
        WHERE "group" = ANY(\(groups.sorted())) AND is_member AND (tenant = \(tenant)) IS TRUE
        """, as: UUID.self))
  }

  /// In which of these groups each of these people is.
  package func memberships(
    of people: Set<UUID>, in groups: Set<String>, tenants: Set<UUID>
  ) throws -> [UUID: Set<String>] {
    guard !people.isEmpty, !groups.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT subject, "group" FROM group_member_copy
      WHERE subject = ANY(\(people.sorted())) AND "group" = ANY(\(groups.sorted())) AND is_member
        AND (tenant = ANY(\(Array(tenants)))) IS TRUE
      """
    ) { row in (try row.next(UUID.self), try row.next(String.self)) }
    return Dictionary(grouping: rows, by: \.0).mapValues { Set($0.map(\.1)) }
  }
}
