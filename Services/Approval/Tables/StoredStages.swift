import EntitlementModel
import Foundation
import Postgres

/// The stages of an approval as its column holds them: JSON, instants in microseconds since 1970.
struct StoredStages {
  let stages: [ApprovalProcess.Stage]

  init(_ stages: [ApprovalProcess.Stage]) {
    self.stages = stages
  }

  init(_ json: JSONB) throws {
    stages = try JSONDecoder().decode([StoredStage].self, from: Data(json.text.utf8)).map { try $0.stage }
  }

  func json() throws -> JSONB {
    JSONB(String(decoding: try JSONEncoder().encode(stages.map(StoredStage.init)), as: UTF8.self))
  }
}

private struct StoredStage: Codable {
  let timeout: String
  let escalation: String?
  let approvalsRequired: Int
  let openedAt: Int64?
  let isEscalated: Bool
  let decisions: [StoredDecision]

  init(_ stage: ApprovalProcess.Stage) {
    timeout = stage.plan.timeout.iso
    escalation = stage.plan.escalation?.iso
    approvalsRequired = stage.plan.approvalsRequired
    openedAt = stage.openedAt?.microseconds
    isEscalated = stage.isEscalated
    decisions = stage.decisions.map(StoredDecision.init)
  }

  var stage: ApprovalProcess.Stage {
    get throws {
      ApprovalProcess.Stage(
        .init(
          timeout: try Self.period(timeout), escalation: try escalation.map(Self.period),
          approvalsRequired: approvalsRequired),
        openedAt: openedAt.map { Date(microseconds: $0) }, isEscalated: isEscalated,
        decisions: try decisions.map { try $0.decision })
    }
  }

  private static func period(_ text: String) throws -> Period {
    guard let period = Period(iso: text) else { throw StoredStagesError(text: text) }
    return period
  }
}

private struct StoredDecision: Codable {
  let verdict: String
  let by: UUID
  let capacity: String
  let justification: String
  let endsAt: Int64?
  let at: Int64

  init(_ decision: ApprovalProcess.Decision) {
    (verdict, by, capacity) = (decision.verdict.rawValue, decision.by, decision.capacity.rawValue)
    (justification, endsAt, at) = (
      decision.justification, decision.endsAt?.microseconds, decision.at.microseconds
    )
  }

  var decision: ApprovalProcess.Decision {
    get throws {
      guard let verdict = ApprovalProcess.Verdict(rawValue: verdict) else { throw StoredStagesError(text: verdict) }
      guard let capacity = ApprovalProcess.Capacity(rawValue: capacity) else {
        throw StoredStagesError(text: capacity)
      }
      return ApprovalProcess.Decision(
        verdict: verdict, by: by, capacity: capacity, justification: justification,
        endsAt: endsAt.map { Date(microseconds: $0) }, at: Date(microseconds: at))
    }
  }
}

/// A word that this release does not know in a row of its own schema.
private struct StoredStagesError: Error {
  let text: String
}
