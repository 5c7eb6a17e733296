import EntitlementModel
import Foundation

/// What becomes of extensions that were not carried out when the clock ended what they were to extend (decision 10): each
/// stands for itself, and, once approved, makes a new assignment. It is the person's one request for the package then. What
/// ended is written before.
struct LateExtensions {
  let table: RequestTable

  struct Late {
    var request: StoredRequest
    /// What was answered for what has ended.
    let answers: [QuestionAnswer]
    let summary: Assignment.Summary
  }

  /// - Returns: each as it is now, with what is to be told of it.
  func callAsFunction(
    _ late: [Late], at now: Date
  ) throws -> [(request: StoredRequest, told: [AccessRequest.Event])] {
    guard !late.isEmpty else { return [] }
    var taken = Set(try table.standing(Set(late.map(\.request.request.place))).keys)
    var (renewed, ended): ([StoredRequest], [StoredRequest]) = ([], [])
    let outcomes = late.map { late in
      var stored = late.request
      let told =
        !taken.contains(stored.request.place)
        ? stored.request.renew(answering: late.answers, at: now)
        : stored.request.assignmentChanged(late.summary, at: now)
      if stored.request.isRenewal {
        renewed.append(stored)
        taken.insert(stored.request.place)
      } else {
        ended.append(stored)
      }
      return (stored, told)
    }
    try table.update(ended)
    try table.renew(renewed)
    return outcomes
  }
}
