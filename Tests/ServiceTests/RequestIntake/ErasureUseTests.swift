import Contracts
import EntitlementModel
import Foundation
import Identity
import Logging
import Postgres
import Protocols
import SwiftProtobuf
import TestSupport
import Testing

@testable import Messaging
@testable import RequestIntake

@Suite("Erasing people, as request-intake does it (decision 27)")
struct ErasureUseTests {
  private static let values = [
    "ann-9911", "ann-9911@fabrikam.example", "spring-project-9911", "other-answer-9911", "bea-9911",
  ]

  /// Somebody whose access has ended, and whose account is deleted unless said otherwise.
  private func former(_ intake: IntakeFixture, isDeleted: Bool = true) async throws -> UUID {
    let ann = try await intake.person("ann-9911")
    let id = try #require(ann.subject)
    let asked = try await intake.submit(by: ann) { $0.justification = "spring-project-9911" }
    try await intake.fold([intake.assignment(of: asked, .delivered, version: 2)])
    // Of answers that were given later.
    _ = try await intake.commit { work in
      try work.connection.execute(
        """
        UPDATE request SET present_answers = '[{"question":"project","values":["other-answer-9911"]}]',
          present_answers_at = now() WHERE id = \(try Field.id(asked.id, at: "id"))
        """)
    }
    try await intake.fold([intake.assignment(of: asked, .expired, version: 3)])
    try await intake.end(.with { $0.id = id.text })
    if isDeleted { try await deleted(id, intake) }
    return id
  }

  private func deleted(_ id: UUID, _ intake: IntakeFixture) async throws {
    intake.wait(.days(31))
    let event = Received(
      id: UUID(at: intake.now, entropy: (1, 2)), type: .guestDeleted, aggregate: id, tenant: intake.tenant,
      version: EntitlementModel.Version(epoch: 1, number: 9), body: Vestibule_Events_V1_GuestEvent())
    try await intake.commit { work in
      try GuestDeletionTable(connection: work.connection).take([event, event])
    }
  }

  @discardableResult
  private func erase(
    _ id: UUID, _ intake: IntakeFixture, isDryRun: Bool = false, by caller: Principal? = nil
  ) async throws -> EraseSubject.Outcome {
    try await intake.erase(
      .with { $0.id = id.text }, isDryRun: isDryRun, by: caller ?? intake.administrator())
  }

  private func hold(_ id: UUID, _ word: HoldSubject.Word, _ intake: IntakeFixture) async throws {
    _ = try await intake.commit { [tenant = intake.tenant, principal = intake.administrator()] work in
      try HoldSubject()(id, word, reason: "lawsuit", tenant: tenant, principal: principal, work)
    }
  }

  private func traces(_ intake: IntakeFixture) async throws -> [String] {
    try await intake.read { connection in
      let tables = try connection.values(SQL(unsafe: Traces.tables(of: ["intake"])), as: String.self)
      return try connection.values(SQL(unsafe: Traces.search(tables, for: Self.values)), as: String.self)
    }
  }

  @Test("Of a person who has left nothing is kept but ids; it is told, once, and the audit holds")
  func erased() async throws {
    try await IntakeFixture.run { intake in
      let id = try await former(intake)
      #expect(try await traces(intake).count >= 4)
      let dry = try await erase(id, intake, isDryRun: true)
      #expect(dry.obstacles.isEmpty && dry.requests.count == 1)
      #expect(try await intake.told(.subjectErased) == 0)
      for _ in 0..<2 { try await erase(id, intake) }
      #expect(try await intake.told(.subjectErased) == 1)
      // What was told before goes with the broker's confirm.
      _ = try await intake.commit { try $0.connection.execute("DELETE FROM outbox") }
      #expect(try await traces(intake) == [])
      let kept = try await intake.read { connection in
        try connection.value(
          "SELECT count(*) FROM request WHERE target_subject = \(id) AND state = 'delivered'", as: Int.self)
      }
      #expect(kept == 1)

      let transactor = try intake.transactor()
      let sealer = AuditSealer(.requestIntake, transactor: transactor, logger: .init(label: "erasure"))
      while try await sealer.seal() {}
      var verification = AuditVerification(.requestIntake, after: .init())
      let (records, head) = try await intake.read { [tenant = intake.tenant] connection in
        let table = AuditTable(connection: connection)
        return (try table.page(of: tenant, after: 0, limit: 1_000), try table.head(of: tenant))
      }
      for record in records { verification.take(record) }
      verification.finish(at: head.message(service: .requestIntake, tenant: intake.tenant))
      #expect(verification.findings == [] && verification.erased > 0)
      #expect(records.contains { $0.entry.action == "subject.erased" })
    }
  }

  @Test("Not while the account is left, a legal hold stands, or by whoever does not administer the tenant")
  func obstacles() async throws {
    try await IntakeFixture.run { intake in
      let id = try await former(intake, isDeleted: false)
      #expect(try await refusalCodes { try await erase(id, intake) } == [.accountNotDeleted])
      try await deleted(id, intake)
      try await hold(id, .set, intake)
      #expect(try await refusalCodes { try await erase(id, intake) } == [.underLegalHold])
      #expect(try await erase(id, intake, isDryRun: true).obstacles.map(\.code) == [.underLegalHold])
      try await hold(id, .lift, intake)
      for caller in [intake.administrator([GrantedRole(role: .catalogCreator)]), intake.guest("ann-9911")] {
        #expect(try await refusalCodes { try await erase(id, intake, by: caller) } == [.forbidden])
      }
      let neighbor = IntakeFixture(sharing: intake)
      #expect(
        try await refusalCodes { try await erase(id, intake, by: neighbor.administrator()) } == [.notFound])
      #expect(try await erase(id, intake).subject.isErased)
    }
  }

  @Test(
    "Who was merged into somebody is erased with that one, and not alone; what either has stands in the way")
  func merged() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bea) = (try await intake.person("ann-9911"), try await intake.person("bea-9911"))
      let asked = try await intake.submit(by: bea)
      let (survivor, other) = (try #require(ann.subject), try #require(bea.subject))
      let merge = MergeSubjects.Merge(survivor: survivor, merged: other)
      _ = try await intake.commit {
        [store = intake.store, tenant = intake.tenant, root = intake.administrator()] work in
        try MergeSubjects(store: store)([merge], isDryRun: false, tenant: tenant, principal: root, work)
      }[0].get()
      try await intake.fold([intake.assignment(of: asked, .delivered, version: 2)])
      #expect(
        try await refusalCodes { try await erase(survivor, intake) }
          == [.accessNotEnded, .accessNotEnded, .accessNotEnded, .accountNotDeleted])
      try await intake.end(.with { $0.id = survivor.text })
      try await intake.fold([intake.assignment(of: asked, .expired, version: 3)])
      #expect(try await refusalCodes { try await erase(survivor, intake) } == [.accountNotDeleted])
      try await deleted(other, intake)
      #expect(try await refusalCodes { try await erase(other, intake) } == [.inUse])
      try await hold(other, .set, intake)
      #expect(
        try await refusalCodes { try await erase(survivor, intake) } == [.underLegalHold, .underLegalHold])
      try await hold(other, .lift, intake)
      #expect(try await erase(survivor, intake).requests.contains { $0.text == asked.id })
      #expect(try await intake.told(.subjectErased) == 2)
      _ = try await intake.commit { try $0.connection.execute("DELETE FROM outbox") }
      #expect(try await traces(intake) == [])
    }
  }

  @Test("Nobody writes the values back: not by saving the person, nor by the words of a late entry")
  func staysErased() async throws {
    try await IntakeFixture.run { intake in
      let id = try await former(intake)
      try await erase(id, intake)
      let codes = try await refusalCodes {
        try await intake.putSubject {
          ($0.id, $0.email, $0.organization) = (
            id.text, "ann-9911@fabrikam.example", intake.organization.text
          )
        }
      }
      #expect(codes == [.subjectErased])
      #expect(
        try await refusalCodes { try await intake.cutOff(.with { $0.id = id.text }) } == [.subjectErased])
      try await intake.commit { [tenant = intake.tenant] work in
        work.record(
          .subjectUpdated, of: id, tenant: tenant, by: .system,
          details: AuditDetails(about: id, words: ["email": "ann-9911@fabrikam.example"]))
        try work.connection.execute("DELETE FROM outbox")
      }
      #expect(try await traces(intake) == [])
      // Who signs in with what was hers is somebody new.
      let again = try await intake.person("ann-9911")
      #expect(again.subject != id)
    }
  }
}
