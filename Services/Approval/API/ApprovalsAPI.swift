import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Messaging
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// What waits for the caller, and deciding it.
struct ApprovalsAPI: Vestibule_Api_V1_Approvals.SimpleServiceProtocol {
  let transactor: Transactor
  let cache: ConfigurationCache
  /// Calls that decide share transactions.
  private let decisions: GroupCommit<Answer, StoredApproval>

  static let itemLimit = 10_000
  static let itemsPerTransaction = 500

  init(transactor: Transactor, cache: ConfigurationCache) {
    (self.transactor, self.cache) = (transactor, cache)
    decisions = GroupCommit(transactor: transactor, tenant: \.caller.tenant) { answers, work in
      try DecideApprovals(cache: cache)(answers, work)
    }
  }

  func listPending(
    request: Vestibule_Api_V1_ListPendingRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListPendingResponse {
    let (caller, page) = (try Caller.current(in: request.tenant), try PageRequest<InstantKey>(request.page))
    let found = try await transactor.read(tenants: [caller.tenant]) { [cache] connection in
      try ListPending(cache: cache)(
        caller, after: page.after, limit: page.limit, on: connection, at: Date())
    }
    return .with {
      $0.approvals = found.map(Vestibule_Model_V1_Approval.init)
      $0.nextPageToken = page.nextToken(after: found) {
        InstantKey(at: $0.approval.openedAt, id: $0.approval.id)
      }
    }
  }

  func get(
    request: Vestibule_Api_V1_GetApprovalRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Approval {
    let (principal, tenant) = try Self.administering(request.tenant)
    let caller = principal.subject == nil ? nil : try Caller.current(in: request.tenant)
    let id = try Field.id(request.id, at: "id")
    let found = try await transactor.read(tenants: [tenant]) { [cache] connection in
      try FindApproval(cache: cache)(id, tenant: tenant, caller, principal, on: connection, at: Date())
    }
    return Vestibule_Model_V1_Approval(found)
  }

  func decide(
    request: Vestibule_Api_V1_DecideRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Approval {
    let answer = Answer(
      approval: try Field.id(request.id, at: "id"), caller: try Caller.current(in: request.tenant),
      verdict: try ApprovalProcess.Verdict(request.verdict),
      justification: try Field.text(
        request.justification, at: "justification", limit: Limits.justification),
      stage: try Self.stage(request.stage, or: "0 for whichever waits"),
      endsAt: try Field.optionalInstant(
        request.hasEndDateTime ? request.endDateTime : nil, at: "end_date_time"),
      principal: try Principal.required())
    return Vestibule_Model_V1_Approval(try await decisions(answer))
  }

  func revoke(
    request: Vestibule_Api_V1_RevokeRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Approval {
    let caller = try Caller.current(in: request.tenant)
    let id = try Field.id(request.id, at: "id")
    let justification = try Field.text(
      request.justification, at: "justification", limit: Limits.justification, isRequired: true)
    return Vestibule_Model_V1_Approval(
      try await transactor.commit(tenants: [caller.tenant]) { work in
        try RevokeApproval()(id, caller, justification: justification, work)
      })
  }

  func setDelegation(
    request: Vestibule_Api_V1_SetDelegationRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_DelegationState {
    let caller = try Caller.current(in: request.tenant)
    let delegate = try Field.optionalID(request.delegate, at: "delegate")
    let start = try Field.optionalInstant(
      request.hasStartDateTime ? request.startDateTime : nil, at: "start_date_time")
    let end = try Field.optionalInstant(
      request.hasEndDateTime ? request.endDateTime : nil, at: "end_date_time")
    return try await transactor.commit(tenants: [caller.tenant]) { work in
      _ = try Delegate()(caller, to: delegate, from: start, until: end, work)
      return try Self.delegations(of: caller, on: work.connection)
    }
  }

  func getDelegation(
    request: Vestibule_Api_V1_GetDelegationRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_DelegationState {
    let caller = try Caller.current(in: request.tenant)
    return try await transactor.read(tenants: [caller.tenant]) { connection in
      try Self.delegations(of: caller, on: connection)
    }
  }

  private static func delegations(
    of caller: Caller, on connection: Connection
  ) throws -> Vestibule_Api_V1_DelegationState {
    let table = DelegationTable(connection: connection)
    let own = try table.find(of: caller.subject, tenant: caller.tenant)
    let received = try table.find(to: caller.subjects, tenants: [caller.tenant])
    return .with {
      if let own { $0.own = Vestibule_Api_V1_Delegation(own) }
      $0.received = received.map(Vestibule_Api_V1_Delegation.init)
    }
  }

  func decideMany(
    request: Vestibule_Api_V1_DecideManyRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_DecideManyResponse {
    guard request.ids.count <= Self.itemLimit else {
      throw Refusal(.tooManyItems, "Too many at once.", field: "ids", hint: "at most \(Self.itemLimit)")
    }
    let (caller, principal) = (try Caller.current(in: request.tenant), try Principal.required())
    let verdict = try ApprovalProcess.Verdict(request.verdict)
    let justification = try Field.text(
      request.justification, at: "justification", limit: Limits.justification)
    let ids = try Field.ids(request.ids, at: "ids")
    if Set(ids).count < ids.count {
      throw Refusal(.malformed, "Name each of them once.", field: "ids", hint: "each one once")
    }
    let stage = try Self.stage(request.stage, or: "0 for approvals of one stage")
    var results: [Vestibule_Api_V1_DecideResult] = []
    for start in stride(from: 0, to: ids.count, by: Self.itemsPerTransaction) {
      let answers = ids[start..<min(start + Self.itemsPerTransaction, ids.count)].map {
        Answer(
          approval: $0, caller: caller, verdict: verdict, justification: justification, stage: stage,
          mayOmitStage: false, principal: principal)
      }
      let decided = try await transactor.commit(tenants: [caller.tenant]) { [cache] work in
        try DecideApprovals(cache: cache)(answers, work)
      }
      results += zip(answers, decided).map { Vestibule_Api_V1_DecideResult($0.approval, $1) }
    }
    return .with { $0.results = results }
  }

  /// The stage that somebody saw, from 0; nil for none.
  static func stage(_ number: Int32, or hint: String) throws -> Int? {
    guard (0...3).contains(number) else {
      throw Refusal(.outOfRange, "There are stages 1 to 3.", field: "stage", hint: hint)
    }
    return number == 0 ? nil : Int(number) - 1
  }
}

extension Caller {
  /// The caller, who must be a person of this tenant.
  fileprivate static func current(in tenant: String) throws -> Caller {
    let (principal, tenant) = (try Principal.required(), try Field.id(tenant, at: "tenant"))
    guard principal.tenant == tenant else { throw Refusal.notFound }
    guard let subject = principal.subject else {
      throw Refusal(.forbidden, "You are signed in, but not known here as a person.")
    }
    return Caller(
      tenant: tenant, subject: subject, merged: principal.merged, organization: principal.organization)
  }
}

extension Vestibule_Api_V1_Delegation {
  fileprivate init(_ delegation: Delegation) {
    self.init()
    (approver, delegate) = (delegation.approver.text, delegation.delegate.text)
    startDateTime = .init(delegation.startsAt)
    if let end = delegation.endsAt { endDateTime = .init(end) }
  }
}

extension Vestibule_Model_V1_Approval {
  /// Without the names of those who decide where the caller is not to know: they may also be those who were named, or
  /// who named them.
  fileprivate init(_ sight: FindApproval.Sight) {
    self.init(sight.stored)
    for number in sight.hiddenStages {
      let names = stages[number].decisions.flatMap { [$0.decidedBy, $0.onBehalfOf] }
      for index in stages[number].decisions.indices {
        (stages[number].decisions[index].decidedBy, stages[number].decisions[index].onBehalfOf) = ("", "")
      }
      if names.contains(revocation.revokedBy) { revocation.revokedBy = "" }
      for index in stages[number].reassignments.indices {
        stages[number].reassignments[index].clearReassignedBy()
        stages[number].reassignments[index].approvers = []
      }
    }
  }

  fileprivate init(_ stored: StoredApproval) {
    self.init(stored.approval, epoch: stored.epoch)
  }
}

extension Vestibule_Api_V1_DecideResult {
  fileprivate init(_ id: UUID, _ result: Result<StoredApproval, Refusal>) {
    self.init()
    self.id = id.text
    switch result {
    case .success: break
    case .failure(let why): refusal = Vestibule_Model_V1_Refusal(why)
    }
  }
}
