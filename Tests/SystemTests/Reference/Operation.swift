import Foundation

/// One thing that somebody does. What it answers and changes depends on one dossier alone.
indirect enum Operation: Sendable {
  case submit(Wish)
  case extend(Change)
  case remove(Change)
  case cancel(request: String, byStranger: Bool, byAdministrator: Bool)
  case decide(Word)
  case revoke(vote: String, by: String)
  /// The terms of use, in a version.
  case accept(Int)

  /// What may come of it. The reply says the ids of what was made.
  func possibilities(_ dossier: Dossier, _ reply: Reply, _ c: Circumstances) -> [Possibility] {
    let c = c.judged(reply, unlessKnownTo: dossier)
    return switch self {
    case .submit(let wish): dossier.submitted(wish, reply, c)
    case .extend(let change): dossier.extended(change, reply, c)
    case .remove(let change): dossier.removed(change, reply, c)
    case .cancel(let request, let byStranger, _): dossier.canceled(request, byStranger: byStranger, c)
    case .decide(let word): dossier.decided(word, c)
    case .revoke(let vote, let person): dossier.revoked(vote, by: person, c)
    case .accept(let version): dossier.accepted(version, c)
    }
  }
}

/// What one person does, or others about that person, between two rests: one after the other, or all at once.
struct Turn: Sendable {
  let citizen: String
  let operations: [Operation]
  var isAtOnce = false
}

/// What was answered, when, and whether it had to be asked again because a service died.
struct Answered: Sendable {
  let operation: Operation
  let reply: Reply
  let calledAt: Date
  let isRepeated: Bool

  /// What is true then. Of a call that had to be made again it is the first that may have worked.
  func dossiers(after before: Dossier, _ c: Circumstances) -> [Dossier] {
    let possible = operation.possibilities(before, reply, c)
    let fitting = possible.filter { $0.fits(reply) }.map(\.after)
    guard isRepeated, case .refused = reply else { return fitting }
    return fitting
      + possible.filter { possibility in
        switch possibility.expected {
        case .done, .same: true
        case .new, .refused: false
        }
      }.map(\.after)
  }
}
