import Foundation

/// What the databases say about a tenant's people at an instant.
struct Observed: Sendable {
  let at: Date
  private(set) var people: [String: Person] = [:]
  /// The states of organizations that nobody configured by name.
  private(set) var proposals: [String] = []

  struct Person: Sendable, Equatable {
    var requests: [String: Request] = [:]
    var holdings: [String: Holding] = [:]
    var votes: [String: Vote] = [:]
    var presence: String?
    var live = 0
    var isEnabled: Bool?
    var roles: Set<Bylaws.Role> = []
    /// Assignments whose end somebody watches.
    var watched: Set<String> = []
    var acceptedTerms: Set<Int> = []
  }

  struct Request: Sendable, Equatable {
    let kind, state, status, package, policy, assignment: String
  }

  struct Holding: Sendable, Equatable {
    let state, reason, failure: String
    let delivered, end: Date?
  }

  struct Vote: Sendable, Equatable {
    let state: String
    let stage, decisions: Int
    let isRevoked: Bool
  }

  init(_ rows: [String]) {
    at = rows.first { $0.hasPrefix("now|") }.flatMap { Self.date($0.dropFirst(4)) } ?? .distantPast
    for row in rows {
      let words = row.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      if words[0] == "proposal" { proposals.append(words[1]) }
      guard words.count > 2 else { continue }
      read(words[0], of: words[1], Array(words.dropFirst(2)))
    }
  }

  private mutating func read(_ kind: String, of person: String, _ words: [String]) {
    var known = people[person] ?? Person()
    switch kind {
    case "request":
      known.requests[words[0]] = Request(
        kind: words[1], state: words[2], status: words[3], package: words[4], policy: words[5],
        assignment: words[6])
    case "assignment":
      known.holdings[words[0]] = Holding(
        state: words[1], reason: words[2], failure: words[3], delivered: Self.date(words[4]),
        end: Self.date(words[5]))
    case "approval":
      known.votes[words[0]] = Vote(
        state: words[1], stage: Int(words[2]) ?? -1, decisions: Int(words[3]) ?? -1,
        isRevoked: words[4] == "t")
    case "guest": (known.presence, known.live) = (words[0], Int(words[1]) ?? -1)
    case "user": known.isEnabled = words[0] == "t"
    case "role": known.roles.insert(Bylaws.Role(resource: words[0], role: words[1]))
    case "terms": known.acceptedTerms.insert(Int(words[0]) ?? -1)
    case "watched": known.watched.insert(words[0])
    case let other: preconditionFailure("a row of kind \(other)")
    }
    people[person] = known
  }

  private static func date(_ text: some StringProtocol) -> Date? {
    Double(text).map { Date(timeIntervalSince1970: $0) }
  }

  /// One row a line: what it is, of whom, and its values.
  static func query(_ tenant: String) -> String {
    """
    SELECT concat_ws('|', 'now', extract(epoch FROM clock_timestamp()));
    SELECT concat_ws('|', 'request', target_subject, id, kind, state, status, access_package,
      coalesce(assignment_policy::text, ''), assignment) FROM intake.request WHERE tenant = '\(tenant)';
    SELECT concat_ws('|', 'assignment', target, id, state, coalesce(end_reason, ''), coalesce(failure, ''),
      coalesce(extract(epoch FROM delivered_at)::text, ''), coalesce(extract(epoch FROM ends_at)::text, ''))
    FROM provisioning.assignment WHERE tenant = '\(tenant)';
    SELECT concat_ws('|', 'approval', target_subject, id, state, stage,
      (SELECT coalesce(sum(jsonb_array_length(s -> 'decisions')), 0) FROM jsonb_array_elements(stages) AS s),
      revoked_at IS NOT NULL) FROM approval.approval WHERE tenant = '\(tenant)';
    SELECT concat_ws('|', 'guest', id, presence, live_assignments) FROM provisioning.guest WHERE tenant = '\(tenant)';
    SELECT concat_ws('|', 'user', owner_mark, is_enabled) FROM directory."user" WHERE tenant = '\(tenant)';
    SELECT concat_ws('|', 'role', u.owner_mark, m.resource, m.role)
    FROM directory.membership m JOIN directory."user" u ON (u.tenant, u.id) = (m.tenant, m."user")
    WHERE m.tenant = '\(tenant)' AND m.resource NOT IN ('elders', 'makers');
    SELECT concat_ws('|', 'terms', person, version) FROM intake.terms_acceptance WHERE tenant = '\(tenant)';
    SELECT concat_ws('|', 'proposal', coalesce(object -> 'connectedOrganization' ->> 'state', 'configured'))
    FROM intake.configuration
    WHERE tenant = '\(tenant)' AND kind = 'connectedOrganization' AND NOT deleted
      AND object -> 'connectedOrganization' ? 'proposedAt';
    SELECT concat_ws('|', 'watched', a.target, a.id)
    FROM provisioning.assignment a JOIN expiry.deadline d ON d.aggregate = a.id
    WHERE a.tenant = '\(tenant)' AND d.due_at IS NOT NULL AND d.ends_at = a.ends_at;
    """
  }
}
