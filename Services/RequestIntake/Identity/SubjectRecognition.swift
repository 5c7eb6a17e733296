import EntitlementModel
import Foundation
import Messaging

/// Looks up who signs in. Callers that come while one look-up runs share the next.
actor SubjectRecognition {
  private let transactor: Transactor
  private let recognize: RecognizeSubjects
  private var waiting: [(SignIn, CheckedContinuation<Recognized, any Error>)] = []
  private var isLooking = false
  private static let batchLimit = 500

  init(transactor: Transactor, store: ConfigurationStore) {
    self.transactor = transactor
    recognize = RecognizeSubjects(store: store)
  }

  func callAsFunction(_ signIn: SignIn) async throws -> Recognized {
    try await withCheckedThrowingContinuation { continuation in
      waiting.append((signIn, continuation))
      if !isLooking {
        isLooking = true
        Task { await lookUpWaiting() }
      }
    }
  }

  private func lookUpWaiting() async {
    while !waiting.isEmpty {
      let batch = Array(waiting.prefix(Self.batchLimit))
      waiting.removeFirst(batch.count)
      do {
        let found = try await lookUp(batch.map(\.0))
        for (index, waiter) in batch.enumerated() { waiter.1.resume(returning: found[index]) }
      } catch {
        for waiter in batch { waiter.1.resume(throwing: error) }
      }
    }
    isLooking = false
  }

  private func lookUp(_ signIns: [SignIn]) async throws -> [Recognized] {
    let tenants = Set(signIns.map(\.who.tenant))
    let recognize = recognize
    let (found, news) = try await transactor.read(tenants: tenants) { connection in
      try recognize(signIns, on: connection)
    }
    guard !news.isEmpty else { return found }
    return try await transactor.commit(tenants: tenants) { work in
      let table = SubjectTable(connection: work.connection)
      try table.serialize(Set(news.bindable.values).union(news.claimed.values))
      let bound = try table.bind(news.bindable.map { ($0.key, $0.value) })
      for (tenant, person) in bound {
        work.record(
          .subjectSignedIn, of: person, tenant: tenant, by: Initiator(subject: person, role: "person"))
      }
      let proved = try table.prove(Set(news.claimed.keys), tenants: tenants)
      for subject in proved {
        SubjectEvents(epoch: 0, work: work).record(
          subject, by: Initiator(subject: subject.id, role: "person"))
      }
      let found = try recognize(signIns, on: work.connection).found
      let people = Set(bound.map(\.person))
      try table.join(
        Dictionary(
          found.compactMap { who -> (UUID, UUID)? in
            guard let person = who.subject, people.contains(person) else { return nil }
            return who.organization.map { (person, $0) }
          }
        ) { first, _ in first }, tenants: tenants)
      return found
    }
  }
}
