package import Foundation

/// Why somebody whom a stage asks can not be found (decision 15).
package enum ApproverAbsence: String, Sendable, Hashable, CaseIterable, Comparable {
  case noInternalSponsor, noExternalSponsor, noManager, noTargetSponsor, groupEmpty
  /// A named person is barred or has left.
  case approverGone
  /// It is they for whom, or by whom, access is asked for, or they have given their word already.
  case involved
  /// The policy has no such stage any more.
  case stageGone

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension ApproverResolution {
  /// Why nobody can be found who decides; nil while somebody can.
  ///
  /// - Parameter involved: everybody whom the request is of or for, or who has decided: they decide nothing more of it.
  package func absence(isEscalated: Bool, except involved: Set<UUID> = []) -> [ApproverAbsence]? {
    var rounds = [(asked: stage.approvers, standIns: stage.fallbackApprovers)]
    if isEscalated, let escalation = stage.escalation {
      rounds.append((escalation.approvers, escalation.fallbackApprovers))
    }
    for (asked, standIns) in rounds {
      if canFind(asked, except: involved) { return nil }
      if !canFind(asked), canFind(standIns, except: involved) { return nil }
    }
    return Set(rounds.flatMap { $0.asked + $0.standIns }.map(absence)).sorted()
  }

  private func absence(of approver: AssignmentPolicy.Approver) -> ApproverAbsence {
    if canFind([approver]) { return .involved }
    return switch approver {
    case .singleUser: .approverGone
    case .internalSponsors: .noInternalSponsor
    case .externalSponsors: .noExternalSponsor
    case .requestorManager: .noManager
    case .targetUserSponsors: .noTargetSponsor
    case .groupMembers: .groupEmpty
    }
  }
}
