import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("Decision 26: what was taken back waits for a second administrator")
struct RevocationConfirmationTests {
  private typealias Confirmation = Received<Vestibule_Events_V1_ConfirmationEvent>

  @Test("It waits; rejected or not decided it stands again, however often and in whatever order that is told")
  func lapses() async throws {
    for end in [Vestibule_Model_V1_PendingConfirmation.State.rejected, .expired] {
      let bench = try await ApprovalBench()
      let ids = [try await bench.openOne(), try await bench.openOne()]
      for id in ids { try await approveAndRevoke(id, bench) }
      let (asked, decided) = (
        try await events(of: ids, bench, .pending), try await events(of: ids, bench, end)
      )
      try await bench.follow([asked, asked])
      try await bench.follow([asked])
      #expect(try await bench.revocations(ids) == [.waiting, .waiting])
      #expect(try await bench.told(.approvalRevocationWaits).count == 2)
      try await bench.follow([decided, asked, decided])
      try await bench.follow([asked])
      #expect(try await bench.revocations(ids) == [.lapsed, .lapsed])
      let told = try await bench.told(.approvalRevocationLapsed)
      #expect(Set(told.map(\.id)) == Set(ids.map(\.text)) && told.count == 2)
      #expect(told.allSatisfy { $0.state == .approved && $0.revocation.revokedBy == bench.sponsor.text })
      await bench.database.close()
    }
  }

  @Test("Told before that it waits, the end is the end; what is taken back anew is another one")
  func again() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    try await approveAndRevoke(id, bench)
    let (asked, rejected) = (
      try await events(of: [id], bench, .pending), try await events(of: [id], bench, .rejected)
    )
    try await bench.follow([rejected])
    try await bench.follow([asked])
    #expect(try await bench.revocations([id]) == [.lapsed])
    #expect(try await bench.told(.approvalRevocationWaits).isEmpty)

    try await bench.revoke(id)
    for late in [asked, rejected] { try await bench.follow([late]) }
    #expect(try await bench.revocations([id]) == [.revoked])
    let told = try await bench.told(.approvalRevoked)
    #expect(told.count == 2 && told[0].revocation.revokedAt.date < told[1].revocation.revokedAt.date)
    let confirmed = try await events(of: [id], bench, .confirmed)
    let askedAgain = try await events(of: [id], bench, .pending)
    try await bench.follow([confirmed, askedAgain])
    try await bench.follow([confirmed])
    #expect(try await bench.revocations([id]) == [.confirmed])
    #expect(try await bench.told(.approvalRevoked).count == 3)
    // Said again it changes nothing.
    try await bench.revoke(id)
    #expect(try await bench.revocations([id]) == [.confirmed])
    #expect(try await bench.find(id, as: bench.caller()).revocation.state == .confirmed)
  }

  @Test("Other confirmations, and what another tenant's says, change nothing")
  func others() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    try await approveAndRevoke(id, bench)
    let asked = try await events(of: [id], bench, .pending)
    var body = asked.body
    body.confirmation.change = .with { $0.cancelRequests.requests = [id.text] }
    try await bench.follow([
      Received(
        id: UUID(), type: asked.type, aggregate: asked.aggregate, tenant: asked.tenant,
        version: asked.version,
        body: body)
    ])
    let foreign = try await events(of: [id], bench, .pending, tenant: UUID())
    try await bench.follow([foreign])
    #expect(try await bench.revocations([id]) == [.revoked])
  }

  private func approveAndRevoke(_ id: UUID, _ bench: ApprovalBench) async throws {
    _ = try await bench.decide(id).get()
    try await bench.revoke(id)
  }

  /// What request-intake tells of these revocations as they are now.
  private func events(
    of ids: [UUID], _ bench: ApprovalBench, _ state: Vestibule_Model_V1_PendingConfirmation.State,
    tenant: UUID? = nil
  ) async throws -> Confirmation {
    let found = try await bench.stored(ids)
    let (tenant, confirmation) = (tenant ?? bench.tenant, UUID())
    let body = Vestibule_Events_V1_ConfirmationEvent.with { event in
      event.confirmation = .with {
        ($0.id, $0.tenant, $0.state, $0.object) = (confirmation.text, tenant.text, state, ids[0].text)
        $0.version = .init(epoch: 1, number: state == .pending ? 1 : 2)
        $0.askedBy = .with { ($0.issuer, $0.externalSubject) = ("https://login.example", "sponsor") }
        ($0.askedAt, $0.expiresAt) = (.init(bench.noon), .init(bench.noon + .days(7)))
        $0.change.revokeApprovals.revocations = ids.compactMap { id in
          guard let made = found[id]?.approval.revocation else { return nil }
          return .with {
            ($0.request, $0.revokedBy) = (id.text, made.by.text)
            ($0.justification, $0.revokedAt) = (made.justification, .init(made.at))
          }
        }
      }
    }
    return Received(
      id: UUID(), type: state == .pending ? .confirmationRequested : .confirmationDecided,
      aggregate: confirmation, tenant: tenant, version: Version(epoch: 1, number: state == .pending ? 1 : 2),
      body: body)
  }
}

extension ApprovalBench {
  fileprivate func follow(_ events: [Received<Vestibule_Events_V1_ConfirmationEvent>]) async throws {
    try await transactor().commit(tenants: Set(events.map(\.tenant))) { work in
      try FollowConfirmations()(events, work)
    }
  }

  fileprivate func revoke(_ id: UUID) async throws {
    try await commit { [caller = caller()] work in
      _ = try RevokeApproval()(id, caller, justification: "The project is over", work)
    }
  }

  fileprivate func stored(_ ids: [UUID]) async throws -> [UUID: StoredApproval] {
    try await transactor().read(tenants: [tenant]) { [tenant] connection in
      try ApprovalTable(connection: connection).find(ids, tenants: [tenant])
    }
  }

  fileprivate func revocations(_ ids: [UUID]) async throws -> [ApprovalProcess.Revocation.State?] {
    let found = try await stored(ids)
    return ids.map { found[$0]?.approval.revocation?.state }
  }
}
