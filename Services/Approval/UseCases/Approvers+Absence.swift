import EntitlementModel
import Foundation

extension Approvers {
  /// Why nobody is found who decides what waits in a round, in which no approver is involved otherwise; nil while somebody is.
  func absence(in round: WaitingRound, tenant: UUID) -> [ApproverAbsence]? {
    guard let stage = stage(round.stage, of: round.policy) else { return [.stageGone] }
    return ApproverResolution(stage, around: surroundings(of: round.organization, tenant: tenant))
      .absence(isEscalated: round.isEscalated)
  }

  /// The same of one request that was looked around.
  func absence(in request: WaitingRequest, tenant: UUID) -> [ApproverAbsence]? {
    let involved = involved(in: request)
    if let named = request.reassignedTo {
      return named.subtracting(involved).contains(where: mayAct) ? nil : [.approverGone]
    }
    guard let stage = stage(request.round.stage, of: request.round.policy) else { return [.stageGone] }
    let around = surroundings(
      of: request.round.organization, tenant: tenant, requestor: request.requestor, target: request.target)
    return ApproverResolution(stage, around: around)
      .absence(isEscalated: request.round.isEscalated, except: involved)
  }
}
