import EntitlementModel
import Foundation
import Messaging

/// What administrators have assigned, and what waits for its person to accept terms, is in order once they are accepted: by
/// whatever call, for whatever package, and by whichever of the subjects that were merged.
struct SettlePendingTerms {
  let configuration: LoadedConfiguration
  let work: Work

  /// - Parameter people: whose acceptances have been recorded.
  func callAsFunction(_ people: some Sequence<Subject>) throws {
    let people = Dictionary(people.map { ($0.id, $0) }) { first, _ in first }
    guard !people.isEmpty else { return }
    let table = RequestTable(connection: work.connection)
    let merged = try SubjectTable(connection: work.connection).merged(into: people.values)
    var answering: [UUID: Subject] = [:]
    for person in people.values {
      for id in (merged[person.id] ?? []).union([person.id, person.standIn]) { answering[id] = person }
    }
    let waiting = try table.lock(
      pendingTermsOf: Array(answering.keys), tenants: Set(people.values.map(\.tenant)))
    guard !waiting.isEmpty else { return }
    let record = try TermsOnRecord(
      of: waiting.values.compactMap { stored in
        answering[stored.request.target.subject].map { ($0, stored.request.accessPackage) }
      }, configuration, work.connection)
    var settled: [StoredRequest] = []
    for var stored in waiting.values.sorted(by: { $0.request.id < $1.request.id }) {
      guard let person = answering[stored.request.target.subject] else { continue }
      let policy = stored.held.assignmentPolicy.flatMap {
        configuration.tenants[stored.request.tenant]?.policies[$0]
      }
      guard policy.map({ record.demand(of: $0, person).reasons().isEmpty }) ?? true else { continue }
      stored.request.termsAccepted()
      settled.append(stored)
      work.record(
        .requestTermsAccepted, of: stored.request.id, tenant: stored.request.tenant,
        number: stored.request.version, by: Initiator(subject: person.id, role: "person"))
    }
    try table.update(settled)
  }
}
