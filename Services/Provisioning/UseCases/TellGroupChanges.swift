import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// Tells who has joined or left the groups that configuration names, many in an event.
struct TellGroupChanges {
  private static let changesAtOnce = 2_000
  private static let membersPerEvent = 500

  /// - Returns: whether there may be more to tell.
  func callAsFunction(_ work: Work) throws -> Bool {
    let changes = try NamedGroupTable(connection: work.connection).takeChanges(limit: Self.changesAtOnce)
    try work.enter(Set(changes.map(\.group.tenant)))
    for (group, members) in Dictionary(grouping: changes, by: \.group) {
      for (version, body) in events(of: group, members) {
        try work.tell(
          .directoryGroupChanged, group.groupKey, tenant: group.tenant, number: version, by: .system,
          details: AuditDetails(["members": "\(body.members.count)"]), body)
      }
    }
    return changes.count == Self.changesAtOnce
  }

  /// For readers that lost their copies.
  func tellAgain(
    _ group: DirectoryResource.Key, _ members: [NamedGroupTable.Member], _ work: Work
  ) throws {
    for (version, body) in events(of: group, members) {
      try work.tellAgain(
        .directoryGroupChanged, group.groupKey, tenant: group.tenant, number: version, body)
    }
  }

  private func events(
    of group: DirectoryResource.Key, _ members: [NamedGroupTable.Member]
  ) -> [(version: Int, body: Vestibule_Events_V1_DirectoryGroupEvent)] {
    // Whoever joined and left again is told as what they are now.
    let newest = Dictionary(members.map { ($0.subject, $0) }) { $0.version < $1.version ? $1 : $0 }.values
      .sorted { $0.subject < $1.subject }
    return stride(from: 0, to: newest.count, by: Self.membersPerEvent).map { start in
      let part = newest[start..<min(start + Self.membersPerEvent, newest.count)]
      let body = Vestibule_Events_V1_DirectoryGroupEvent.with {
        ($0.tenant, $0.group) = (group.tenant.text, group.id)
        $0.members = part.map { member in
          .with {
            ($0.subject, $0.isMember, $0.version) = (
              member.subject.text, member.isMember, Int64(member.version)
            )
          }
        }
      }
      return (part.map(\.version).max() ?? 1, body)
    }
  }
}
