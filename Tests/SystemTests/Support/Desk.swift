import Contracts
import Foundation
import GRPCCore
import Protocols
import SwiftProtobuf

/// What people do, each with their own token, at any copy of a service.
struct Desk: Sendable {
  typealias Request = Vestibule_Model_V1_Request
  typealias Approval = Vestibule_Model_V1_Approval
  typealias Verdict = Vestibule_Model_V1_ApprovalDecision.Verdict

  let tenant: UUID
  let intake: [TestClient]
  let approval: [TestClient]

  private var requests: Vestibule_Api_V1_Requests.Client<TestClient.Transport> {
    intake[.random(in: intake.indices)].requests
  }
  private var approvals: Vestibule_Api_V1_Approvals.Client<TestClient.Transport> {
    approval[.random(in: approval.indices)].approvals
  }

  func submit(
    _ package: UUID, by person: Caller, key: String = "", answers: [String: [String]] = [:],
    accepting terms: [String: Int32] = [:], for email: String = "", start: Date? = nil
  ) async throws -> Request {
    try await requests.submit(
      .with {
        $0.answers = answers.map { question, values in
          .with { ($0.question, $0.values) = (question, values) }
        }
        $0.acceptedTerms = terms.map { id, version in .with { ($0.terms, $0.version) = (id, version) } }
        ($0.tenant, $0.accessPackage, $0.idempotencyKey) = (tenant.text, package.text, key)
        ($0.justification, $0.targetEmail) = ("Working with Contoso", email)
        if let start { $0.schedule.startDateTime = .init(start) }
      }, metadata: .bearer(person.token), options: TestClient.options)
  }

  func requirements(of package: UUID, for person: Caller, languages: String) async throws
    -> Vestibule_Api_V1_PolicyRequirementsResponse
  {
    try await requests.getApplicablePolicyRequirements(
      .with {
        ($0.tenant, $0.accessPackage, $0.languages) = (tenant.text, package.text, languages)
      }, metadata: .bearer(person.token), options: TestClient.options)
  }

  func read(_ terms: String, for person: Caller, languages: String) async throws -> Vestibule_Api_V1_TermsText
  {
    try await intake[.random(in: intake.indices)].terms.read(
      .with { ($0.tenant, $0.terms, $0.languages) = (tenant.text, terms, languages) },
      metadata: .bearer(person.token), options: TestClient.options)
  }

  /// The first page of what was asked for the person, and of what became of it.
  func requests(of person: Caller) async throws -> [Request] {
    try await requests.list(
      .with {
        $0.tenant = tenant.text
        $0.page.pageSize = 1_000
      }, metadata: .bearer(person.token), options: TestClient.options
    ).requests
  }

  func request(_ id: String, of person: Caller) async throws -> Request {
    try await requests.get(
      .with { ($0.tenant, $0.id) = (tenant.text, id) }, metadata: .bearer(person.token),
      options: TestClient.options)
  }

  func extend(_ assignment: String, by person: Caller, key: String = "") async throws -> Request {
    try await requests.extend(
      .with { ($0.tenant, $0.assignment, $0.idempotencyKey) = (tenant.text, assignment, key) },
      metadata: .bearer(person.token),
      options: TestClient.options)
  }

  @discardableResult
  func updateAnswers(
    of assignment: String, to answers: [String: [String]], by person: Caller
  ) async throws -> Request {
    try await requests.updateAnswers(
      .with {
        ($0.tenant, $0.assignment) = (tenant.text, assignment)
        $0.answers = answers.map { question, values in
          .with { ($0.question, $0.values) = (question, values) }
        }
      }, metadata: .bearer(person.token), options: TestClient.options)
  }

  @discardableResult
  func giveBack(_ assignment: String, by person: Caller) async throws -> Request {
    try await requests.remove(
      .with { ($0.tenant, $0.assignment) = (tenant.text, assignment) }, metadata: .bearer(person.token),
      options: TestClient.options)
  }

  func cancel(_ id: String, by person: Caller) async throws -> Request {
    try await requests.cancel(
      .with { ($0.tenant, $0.id) = (tenant.text, id) }, metadata: .bearer(person.token),
      options: TestClient.options)
  }

  /// The first page of what waits for the sponsor.
  func pending(for sponsor: Caller) async throws -> [Approval] {
    try await approvals.listPending(
      .with {
        $0.tenant = tenant.text
        $0.page.pageSize = 1_000
      }, metadata: .bearer(sponsor.token), options: TestClient.options
    ).approvals
  }

  func approval(_ id: String, as person: Caller) async throws -> Approval {
    try await approvals.get(
      .with { ($0.tenant, $0.id) = (tenant.text, id) }, metadata: .bearer(person.token),
      options: TestClient.options)
  }

  /// - Parameter end: when access ends at the latest, if less is given than was asked for.
  @discardableResult
  func decide(_ id: String, _ verdict: Verdict, by sponsor: Caller, end: Date? = nil) async throws -> Approval
  {
    try await approvals.decide(
      .with {
        ($0.tenant, $0.id, $0.verdict) = (tenant.text, id, verdict)
        if let end { $0.endDateTime = .init(end) }
        $0.justification = "Known to Fabrikam"
      }, metadata: .bearer(sponsor.token), options: TestClient.options)
  }

  @discardableResult
  func revoke(_ id: String, by sponsor: Caller) async throws -> Approval {
    try await approvals.revoke(
      .with {
        ($0.tenant, $0.id, $0.justification) = (tenant.text, id, "The project is over")
      }, metadata: .bearer(sponsor.token), options: TestClient.options)
  }

  /// - Parameter delegate: the subject who decides too; empty for nobody any more.
  func delegate(to delegate: String, by approver: Caller) async throws {
    _ = try await approvals.setDelegation(
      .with { ($0.tenant, $0.delegate) = (tenant.text, delegate) }, metadata: .bearer(approver.token),
      options: TestClient.options)
  }

  /// - Parameter stage: the one that the sponsor saw, from 1; 0 where there is one alone.
  /// - Returns: how many were decided; the others had been before.
  func approveAll(_ ids: [String], by sponsor: Caller, in stage: Int32 = 0) async throws -> Int {
    try await approvals.decideMany(
      .with {
        ($0.tenant, $0.ids, $0.verdict) = (tenant.text, ids, .approve)
        ($0.justification, $0.stage) = ("Known to Fabrikam", stage)
      }, metadata: .bearer(sponsor.token), options: TestClient.options
    ).results.count { !$0.hasRefusal }
  }
}
