import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// `guest.*`: arms the block or the deletion that comes next with its notice, or retires it; notes what the person is
/// told after a block, a deletion, and a move of either.
struct ArmGuests: Sendable {
  func callAsFunction(_ events: [Received<Vestibule_Events_V1_GuestEvent>], _ work: Work) throws {
    let table = DeadlineTable(connection: work.connection)
    let newest = Dictionary(events.map { ($0.aggregate, $0) }) { $0.version < $1.version ? $1 : $0 }
    let before = try table.read(newest.keys)
    let deadlines = try newest.values.map { try Self.deadline(of: $0, at: work.now) }
    let notices =
      try events.compactMap { try Self.fact(of: $0, at: work.now) }
      + deadlines.compactMap { $0.move(from: before[$0.aggregate], at: work.now) }
    try table.arm(deadlines)
    work.record(try NoticeTable(connection: work.connection).note(notices, work))
  }

  private static func deadline(
    of event: Received<Vestibule_Events_V1_GuestEvent>, at now: Date
  ) throws -> Deadline {
    let guest = event.body.guest
    let next = try guest.nextStep(after: now)
    let target =
      guest.hasBlockDueAt ? guest.blockDueAt.instant : guest.hasDeleteDueAt ? guest.deleteDueAt.instant : nil
    return Deadline(
      aggregate: event.aggregate, kind: DeadlineKind(guestStep: next?.step).rawValue, tenant: event.tenant,
      version: event.version, dueAt: next?.at, endsAt: target, recipient: event.aggregate)
  }

  /// What has happened to the guest already, by the lifecycle.
  private static func fact(of event: Received<Vestibule_Events_V1_GuestEvent>, at now: Date) throws -> Notice?
  {
    let guest = event.body.guest
    guard guest.blockCauses.contains(Guest.BlockCause.lifecycle.rawValue),
      let blocked = guest.blockedAt.instant,
      guest.hasBlockedAt
    else { return nil }
    let kind: Notice.Kind? =
      switch event.type {
      case .guestBlocked where guest.state == .blocked || guest.state == .blocking: .guestBlocked
      case .guestDeleted: .guestDeleted
      case _: nil
      }
    return kind.map {
      Notice(
        tenant: event.tenant, kind: $0, about: event.aggregate, recipient: event.aggregate, moment: blocked,
        dueAt: $0 == .guestBlocked ? blocked : now)
    }
  }
}

extension Deadline {
  /// That the same step comes on another day than was armed before.
  fileprivate func move(from before: Deadline?, at now: Date) -> Notice? {
    guard let before, before.version < version, before.kind == kind, let old = before.endsAt,
      before.dueAt != nil,
      let endsAt, dueAt != nil, !endsAt.isSameInstant(as: old)
    else { return nil }
    return Notice(
      tenant: tenant, kind: .guestRescheduled, about: aggregate, recipient: aggregate, moment: endsAt,
      dueAt: now)
  }
}
