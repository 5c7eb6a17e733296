package import Foundation

extension ApprovalProcess {
  /// Others decide a stage, in place of those whom its policy asks.
  package struct Reassignment: Sendable, Hashable {
    package let by: Administrator
    package let approvers: [UUID]
    package let justification: String
    package let at: Date

    package init(by: Administrator, approvers: [UUID], justification: String, at: Date) {
      (self.by, self.approvers, self.justification, self.at) = (by, approvers, justification, at)
    }

    func saysTheSame(as other: Self) -> Bool {
      (by, Set(approvers), justification) == (other.by, Set(other.approvers), other.justification)
    }
  }
}

/// Who may be named to decide instead of others, and by whom (decisions 14, 15).
package struct ReassignmentRule: Sendable {
  private let known: Set<UUID>
  private let hindered: Set<UUID>
  private let linked: [UUID: Set<UUID>]

  /// - Parameters:
  ///   - known: those of the people whom the tenant knows.
  ///   - hindered: those who may decide nothing now.
  ///   - linked: who else each of them is.
  package init(known: Set<UUID>, hindered: Set<UUID>, linked: [UUID: Set<UUID>]) {
    (self.known, self.hindered, self.linked) = (known, hindered, linked)
  }

  /// Everything that stands in the way.
  package func reasons(
    against reassignment: ApprovalProcess.Reassignment, of approval: ApprovalProcess
  ) -> [Reason] {
    let concerned: Set = [approval.target.subject, approval.requestor]
    let namer = reassignment.by.subject.map(everybody) ?? []
    var reasons: [Reason] = []
    if !namer.isDisjoint(with: concerned) {
      reasons.append(Reason(.ownRequest, "Nobody names those who decide what concerns themselves."))
    }
    for (index, approver) in reassignment.approvers.enumerated() {
      let field = "approvers[\(index)]"
      if !known.contains(approver) {
        reasons.append(
          Reason(.unknownReference, "There is no such person.", field: field))
      }
      if hindered.contains(approver) {
        reasons.append(
          Reason(.outOfRange, "Whoever is barred or has left decides nothing.", field: field))
      }
      if !everybody(approver).isDisjoint(with: concerned) {
        reasons.append(
          Reason(
            .ownRequest, "Nobody decides for themselves, or what they asked for.", field: field))
      }
      if namer.contains(approver) {
        reasons.append(
          Reason(.outOfRange, "Whoever reassigns names others.", field: field))
      }
    }
    return reasons
  }

  private func everybody(_ subject: UUID) -> Set<UUID> {
    (linked[subject] ?? []).union([subject])
  }
}
