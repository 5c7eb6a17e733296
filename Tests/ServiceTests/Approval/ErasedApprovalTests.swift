import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols
import SwiftProtobuf
import TestSupport
import Testing

@testable import Approval
@testable import Messaging

@Suite("Erasing people, as approval does it (decision 27)")
struct ErasedApprovalTests {
  private static let values = [
    "anna@fabrikam.example", "spring project", "known-to-me-9911", "no-longer-9911", "On holiday",
  ]

  private func erase(_ requests: [UUID], _ bench: ApprovalBench, times: Int = 1) async throws {
    let event = Received(
      id: UUID(), type: .subjectErased, aggregate: bench.target, tenant: bench.tenant,
      version: EntitlementModel.Version(epoch: 1, number: 5),
      body: Vestibule_Events_V1_SubjectEvent.with {
        ($0.subject.id, $0.subject.tenant) = (bench.target.text, bench.tenant.text)
        $0.subject.erasedAt = Google_Protobuf_Timestamp(bench.noon)
        $0.requests = requests.map(\.text)
      })
    for _ in 0..<times {
      try await bench.commit { work in
        try FollowErasures(ApprovalService.erase)([event, event], work)
        try work.connection.execute("DELETE FROM outbox")
      }
    }
  }

  private func traces(_ bench: ApprovalBench) async throws -> String {
    let tables = try await bench.storage.execute(Traces.tables(of: ["approval"]))
    return try await bench.storage.execute(
      Traces.search(tables.split(separator: "\n").map(String.init), for: Self.values))
  }

  @Test("Decided approvals keep ids and who decided; said twice it changes nothing")
  func erased() async throws {
    let bench = try await ApprovalBench()
    let root = UUID()
    for person in [root, bench.sponsor, bench.target] { try await bench.follow(person) }
    let id = try await bench.openOne()
    #expect(try await bench.reassign([id], to: [bench.sponsor], by: root) == [[]])
    _ = try await bench.decide(id, justification: "known-to-me-9911").get()
    try await bench.commit { [caller = bench.caller()] work in
      _ = try RevokeApproval()(id, caller, justification: "no-longer-9911", work)
    }
    #expect(!(try await traces(bench)).isEmpty)
    try await erase([id], bench, times: 2)
    #expect(try await traces(bench) == "")
    let kept = try await bench.transactor().read(tenants: [bench.tenant]) {
      [tenant = bench.tenant] connection in
      try ApprovalTable(connection: connection).find([id], tenants: [tenant])[id]?.approval
    }
    #expect(kept?.state == .approved)
    #expect(kept?.decisions.map(\.by) == [bench.sponsor])
    #expect(kept?.stages.first?.reassignments.map(\.approvers) == [[bench.sponsor]])
    #expect(kept?.revocation?.by == bench.sponsor)
  }

  @Test("A request that comes after it brings nothing back, in whichever order its events come")
  func late() async throws {
    for types in [[EventType.requestSubmitted, .requestCanceled], [.requestCanceled, .requestSubmitted]] {
      let bench = try await ApprovalBench()
      let id = UUID()
      try await erase([id], bench)
      for type in types {
        let event = bench.event(
          type, id, version: EntitlementModel.Version(epoch: 1, number: type == .requestSubmitted ? 1 : 2))
        try await bench.commit { [cache = bench.cache] work in
          if type == .requestSubmitted {
            try OpenApprovals(cache: cache)([event, event], work)
          } else {
            try CancelApprovals()([event, event], work)
          }
          try work.connection.execute("DELETE FROM outbox")
        }
      }
      // What it tells of the request lies in the outbox of that transaction, without the values.
      #expect(try await traces(bench) == "")
      #expect(try await bench.state(of: id) == "canceled")
    }
  }
}

@Suite("Approvals of requests that are no longer kept (decision 27)")
struct ForgottenApprovalTests {
  @Test("They go, said twice too; one that waits stays")
  func forgotten() async throws {
    let bench = try await ApprovalBench()
    let (decided, waiting) = (try await bench.openOne(), try await bench.openOne(target: UUID()))
    _ = try await bench.decide(decided).get()
    let event = Received(
      id: UUID(), type: .recordsPruned, aggregate: UUID(), tenant: bench.tenant,
      version: EntitlementModel.Version(epoch: 1, number: 1),
      body: Vestibule_Events_V1_RetentionEvent.with {
        ($0.tenant, $0.requests) = (bench.tenant.text, [decided.text, waiting.text])
      })
    for _ in 0..<2 {
      try await bench.commit { try FollowRetention(ApprovalService.forget)([event], $0) }
    }
    #expect(try await bench.state(of: decided) == nil)
    #expect(try await bench.state(of: waiting) == "pending")
  }
}
