import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// Tells what has fallen due, and what comes after it.
struct FireDeadlines: Sendable {
  func callAsFunction(_ due: [Deadline], _ work: Work) throws -> [Deadline] {
    let notices = due.compactMap { deadline in
      deadline.dueAt.flatMap { dueAt in deadline.step.flatMap { deadline.notice(of: $0, at: dueAt) } }
    }
    let new = try NoticeTable(connection: work.connection).note(notices, work)
    return try due.map { deadline in
      guard let dueAt = deadline.dueAt, let step = deadline.step else { return deadline.advanced(to: nil) }
      // Of the same end nobody is told twice; one whose recipient is not known is told without being noted.
      let notice = deadline.notice(of: step, at: dueAt)
      if notice.map(new.contains) ?? true { try work.tell(step, of: deadline, at: dueAt) }
      return deadline.advanced(to: deadline.next(after: step, at: dueAt))
    }
  }
}

extension Deadline {
  fileprivate func next(after step: AccessDeadlines.Step, at dueAt: Date) -> Date? {
    switch step {
    case .notice14, .notice1: AccessDeadlines.next(endsAt: endsAt, after: dueAt)?.at
    case .blockNotice, .deletionNotice: endsAt
    case .expiry, .block, .deletion: nil
    }
  }

  fileprivate func notice(daysBefore: Int32) -> Vestibule_Events_V1_ExpiryNotice {
    .with {
      $0.assignment = aggregate.text
      $0.tenant = tenant.text
      if let endsAt { $0.endsAt = Google_Protobuf_Timestamp(endsAt) }
      $0.daysBefore = daysBefore
    }
  }

  fileprivate func leaving(_ step: String, daysBefore: Int32) -> Vestibule_Events_V1_GuestNotice {
    .with {
      ($0.guest, $0.tenant, $0.step, $0.daysBefore) = (aggregate.text, tenant.text, step, daysBefore)
      if let endsAt { $0.at = Google_Protobuf_Timestamp(endsAt) }
    }
  }

  fileprivate func due(at instant: Date) -> Vestibule_Events_V1_Due {
    Vestibule_Events_V1_Due(
      Due(aggregate: aggregate, version: version.number, at: instant), tenant: tenant, epoch: version.epoch)
  }
}

extension Work {
  fileprivate func tell(_ step: AccessDeadlines.Step, of deadline: Deadline, at dueAt: Date) throws {
    switch step {
    case .notice14: try tell(.assignmentExpiring, of: deadline, deadline.notice(daysBefore: 14))
    case .notice1: try tell(.assignmentExpiring, of: deadline, deadline.notice(daysBefore: 1))
    case .expiry: try tell(.assignmentExpiryDue, of: deadline, deadline.due(at: dueAt))
    case .blockNotice: try tell(.guestLeaving, of: deadline, deadline.leaving("block", daysBefore: 1))
    case .deletionNotice: try tell(.guestLeaving, of: deadline, deadline.leaving("deletion", daysBefore: 7))
    case .block: try tell(.guestBlockDue, of: deadline, deadline.due(at: dueAt))
    case .deletion: try tell(.guestDeletionDue, of: deadline, deadline.due(at: dueAt))
    }
  }

  private func tell(_ type: EventType, of deadline: Deadline, _ body: some SwiftProtobuf.Message) throws {
    try tell(
      type, deadline.aggregate, tenant: deadline.tenant, number: deadline.version.number, by: .system, body)
  }
}
