import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// Tells what has fallen due, and what comes after it.
struct FireDeadlines: Sendable {
  func callAsFunction(_ due: [Deadline], _ work: Work) throws -> [Deadline] {
    try due.map { deadline in
      guard let dueAt = deadline.dueAt, let step = deadline.step else { return deadline.advanced(to: nil) }
      try work.tell(step, of: deadline, at: dueAt)
      return deadline.advanced(to: deadline.next(after: step, at: dueAt))
    }
  }
}

extension Deadline {
  fileprivate func next(after step: AccessDeadlines.Step, at dueAt: Date) -> Date? {
    switch step {
    case .notice14, .notice1: AccessDeadlines.next(endsAt: endsAt, after: dueAt)?.at
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
    case .block: try tell(.guestBlockDue, of: deadline, deadline.due(at: dueAt))
    case .deletion: try tell(.guestDeletionDue, of: deadline, deadline.due(at: dueAt))
    }
  }

  private func tell(_ type: EventType, of deadline: Deadline, _ body: some SwiftProtobuf.Message) throws {
    try tell(
      type, deadline.aggregate, tenant: deadline.tenant, number: deadline.version.number, body)
  }
}
