import EntitlementModel
import Foundation
import Identity
import Messaging

/// Something that a caller may ask twice and means once.
protocol IdempotentAsk: Sendable {
  static var operation: IdempotencyKey.Operation { get }
  var principal: Principal { get }
  var tenant: UUID { get }
  /// Chosen by the caller; empty for none.
  var idempotencyKey: String { get }
  /// Whatever makes it the same or another ask.
  var body: [String] { get }
}

extension IdempotentAsk {
  var key: IdempotencyKey? {
    guard !idempotencyKey.isEmpty else { return nil }
    return IdempotencyKey(
      tenant: tenant, caller: "\(principal.issuer) \(principal.externalSubject)", operation: Self.operation,
      text: idempotencyKey)
  }
}

/// The keys of a batch: which items are asked anew, and what answers the others.
struct IdempotentBatch {
  enum Fate: Sendable {
    /// To be done, under this id.
    case new(UUID)
    /// This request answers it already.
    case answered(by: UUID)
    case conflict
  }

  let fates: [Fate]
  private let claims: [IdempotencyClaim]
  private let table: IdempotencyTable

  init(_ items: [some IdempotentAsk], _ work: Work) throws {
    table = IdempotencyTable(connection: work.connection)
    var first: [IdempotencyKey: IdempotencyClaim] = [:]
    let asked = items.map { item -> (id: UUID, claim: IdempotencyClaim?) in
      let id = work.newID()
      guard let key = item.key else { return (id, nil) }
      let claim = IdempotencyClaim(key: key, body: UUID(namedBy: item.body), request: id)
      if first[key] == nil { first[key] = claim }
      return (id, claim)
    }
    let earlier = try table.claim(Array(first.values), at: work.now)
    claims = first.values.filter { earlier[$0.key] == nil }
    fates = asked.map { id, claim in
      guard let claim, let counts = earlier[claim.key] ?? first[claim.key] else { return .new(id) }
      if counts.request == id { return .new(id) }
      return counts.body == claim.body ? .answered(by: counts.request) : .conflict
    }
  }

  /// Gives the keys back of what was refused, so that they can be asked again. What another request answers, a removal
  /// that was on its way or a request that was taken back, is answered by that one from now on.
  ///
  /// - Parameter answers: by the ids that were given, those of the requests that answer.
  func settle(_ answers: [UUID: UUID]) throws {
    let refused = claims.filter { answers[$0.request] == nil }
    try table.release(refused.map(\.request), keys: refused.map(\.key))
    try table.point(
      claims.compactMap { claim in
        guard let answer = answers[claim.request], answer != claim.request else { return nil }
        return (claim, answer)
      })
  }

  static let conflict = Refusal(
    .idempotencyConflict, "This key came with another body before.", field: "idempotency_key")
}
