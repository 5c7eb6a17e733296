import EntitlementModel
import Foundation

/// The term that a request is granted: what was asked for, within what policy and organization allow.
struct RequestedTerm {
  let policy: AssignmentPolicy
  let organization: ConnectedOrganization?
  let startsAt: Date?
  let endsAt: Date?
  /// Since when access has lasted already; nil for access that has still to begin.
  var since: Date?
  /// When the exception ends under which it would be held.
  var endsBy: Date?

  /// - Throws: `startAfterEnd`, `endPassed`, or `outOfRange` with the latest end as hint.
  func judge(at now: Date) throws(Refusal) -> Term {
    let start = max(now, startsAt ?? now)
    let allowed = allowedTerm(from: start)
    if let endsAt { try check(endsAt, start: start, allowed: allowed, at: now) }
    let term = endsAt.map { Term(latestEnd: $0) } ?? allowed
    let capped = term.capped(at: organization?.contractEnd).capped(at: endsBy)
    if let end = capped.latestEnd, end <= start {
      throw Refusal(
        .endPassed, "Access would end before it begins: by the policy, the contract or an exception.",
        field: "schedule", hint: "a start before \(end.formatted(.iso8601))")
    }
    return capped
  }

  /// A duration stays one, so that it counts from the first granted role however long approval takes.
  private func allowedTerm(from start: Date) -> Term {
    guard let most = policy.maximumTotalDuration else { return policy.term }
    let term = policy.term
    if let since { return term.capped(at: since + most) }
    if let duration = term.duration, start + duration <= start + most { return term }
    return Term(duration: most, latestEnd: term.latestEnd)
  }

  private func check(_ end: Date, start: Date, allowed: Term, at now: Date) throws(Refusal) {
    if end <= now {
      throw Refusal(
        .endPassed, "The end lies in the past.", field: "schedule.end_date_time",
        hint: "after \(now.formatted(.iso8601))")
    }
    if end <= start {
      throw Refusal(
        .startAfterEnd, "The end must lie after the start.", field: "schedule.end_date_time",
        hint: "after \(start.formatted(.iso8601))")
    }
    if let latest = allowed.end(from: start), end > latest {
      throw Refusal(
        .outOfRange, "The policy does not give access for so long.", field: "schedule.end_date_time",
        hint: latest.formatted(.iso8601))
    }
  }
}
