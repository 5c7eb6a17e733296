import Foundation

/// What is true of one person at the tenant, as the rules in plain words have it. A value: where several things may
/// happen, there are several of it.
struct Dossier: Sendable {
  var isBarred = false
  var hasLeft = false
  /// By their ids; those that nobody told us the id of wait in `unnamed`.
  var requests: [String: Entry] = [:]
  var unnamed: [Entry] = []
  var holdings: [String: Holding] = [:]
  var votes: [String: Vote] = [:]
  var guest = Presence.unknown
  /// A changed setting will block this idle guest, later.
  var isBlockPlanned = false
  var keys: [String: Spent] = [:]
  /// The versions of the terms that the person has accepted.
  var acceptedTerms: Set<Int> = []
  /// What was made or changed since everything last came to rest: the services may not all have heard of it.
  var fresh: Set<String> = []
  /// How things stood before the decisions that request-intake may not have heard of.
  var undecided: [String: Before] = [:]

  /// The guest before the access that was given since.
  var ungranted: [String: Presence] = [:]

  struct Before: Sendable {
    let entry: Entry
    let holding: Holding?
    let guest: Presence
    let isBlockPlanned: Bool
  }

  enum Presence: String, Sendable { case unknown, active, blocked, absent }

  struct Spent: Sendable {
    let body: String
    let request: String
  }

  struct Entry: Sendable {
    let kind: String
    var state: String
    var status: String
    let package: String
    let policy: String?
    let assignment: String
    var start: Date?
    var term = Term()

    var isWaiting: Bool { ["pendingApproval", "scheduled"].contains(state) }
    var isAdd: Bool { ["userAdd", "adminAdd"].contains(kind) }
    var isUpdate: Bool { ["userUpdate", "adminUpdate"].contains(kind) }

    mutating func become(_ state: String, _ status: String) { (self.state, self.status) = (state, status) }
  }

  /// How long access is given.
  struct Term: Sendable {
    var seconds: TimeInterval?
    var latest: Date?

    func capped(at end: Date?) -> Term {
      Term(seconds: seconds, latest: [latest, end].compactMap(\.self).min())
    }
  }

  struct Holding: Sendable {
    let package: String
    let policy: String
    var state: String
    var reason = ""
    var failure = ""
    var delivered: Date?
    var end = Ending()
  }

  /// When access ends, as far as it is known: exactly once it has been seen.
  struct Ending: Sendable {
    var exact: Date?
    /// The clock began here at the earliest, and runs so long; never beyond `latest`, never before `atLeast`.
    var seconds: TimeInterval?
    var from = Date.distantPast
    var latest: Date?
    var atLeast: Date?

    func allows(_ seen: Date?, at now: Date) -> Bool {
      guard let seconds else {
        let expected = exact ?? [latest, atLeast].compactMap(\.self).max()
        guard let expected, let seen else { return expected == nil && seen == nil }
        return abs(expected.timeIntervalSince(seen)) < 0.001
      }
      guard let seen else { return false }
      func bounded(_ end: Date) -> Date { max(min(end, latest ?? end), atLeast ?? .distantPast) }
      return seen >= bounded(from + seconds).addingTimeInterval(-0.05)
        && seen <= bounded(now + seconds).addingTimeInterval(0.05)
    }
  }

  struct Vote: Sendable {
    let policy: String
    /// How many have to say yes in each stage, fixed when it opened.
    let needed: [Int]
    var state = "pending"
    var stage = 0
    /// Known of policies whose clock is short.
    var expires: Date?
    var decisions: [[Decision]]
    var isRevoked = false
    var shortened: Date?
  }

  struct Decision: Sendable {
    let by: String
    let seat: String
    let isApproval: Bool
  }

  // MARK: - What is read from it

  /// What stands in the way of another request for the package.
  func standing(_ package: String) -> String? {
    requests.first { id, entry in entry.isAdd && entry.package == package && isStanding(id, entry) }?.key
  }

  func isStanding(_ id: String, _ entry: Entry) -> Bool {
    entry.isWaiting || entry.state == "delivering"
      || entry.state == "delivered" && holdings[id]?.state == "delivered"
  }

  var live: [String] { holdings.filter { $0.value.state == "delivered" }.map(\.key) }

  var waitsForApproval: Bool { requests.values.contains { $0.state == "pendingApproval" } }

  /// Whether a start that nobody has to approve any more is planned.
  var waitsForStart: Bool { requests.values.contains { $0.state == "scheduled" } }

  /// Whether one has been planned since everything last came to rest.
  var hasJustPlannedStart: Bool { requests.contains { $1.state == "scheduled" && fresh.contains($0) } }

  func openUpdate(of holding: String) -> String? {
    requests.first { $0.value.isUpdate && $0.value.assignment == holding && $0.value.isWaiting }?.key
  }

  /// When something ends by itself next.
  var nextEnd: Date? {
    (live.compactMap { holdings[$0]?.end.exact }
      + votes.values.filter { $0.state == "pending" }.compactMap(\.expires)
      + requests.values.filter { $0.state == "scheduled" }.compactMap(\.start)).min()
  }
}

/// What the rules depend on besides the dossier.
struct Circumstances: Sendable {
  let bylaws: Bylaws
  let citizen: Citizen
  /// Approvers who are barred or have left.
  let hindered: [String: String]
  /// When it was judged.
  private(set) var now: Date

  /// A call may be answered by its second try, or judged long after it was made: what it made says when.
  func judged(_ reply: Reply, unlessKnownTo dossier: Dossier) -> Circumstances {
    guard case .request(let id, let createdAt) = reply, dossier.requests[id] == nil else { return self }
    var then = self
    then.now = createdAt
    return then
  }
}

/// What came of a call.
enum Reply: Sendable, Equatable {
  case request(id: String, createdAt: Date)
  case done
  /// The codes, each with the id that stands in the way where that matters.
  case refused(Set<String>)
}

/// One of the things that may happen: what is answered, and what is true afterwards.
struct Possibility: Sendable {
  enum Expected: Sendable, Equatable {
    case new
    case same(String)
    case done
    case refused(Set<String>)
  }
  let expected: Expected
  let after: Dossier

  func fits(_ reply: Reply) -> Bool {
    switch (expected, reply) {
    case (.new, .request): true
    case (.same(let id), .request(let answered, _)): id == answered
    case (.done, .done), (.done, .request): true
    case (.refused(let codes), .refused(let answered)): codes == answered
    case (.new, _), (.same, _), (.done, _), (.refused, _): false
    }
  }
}
