import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Messaging
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// Asking for access, for more time, for its end.
struct RequestsAPI: Vestibule_Api_V1_Requests.SimpleServiceProtocol {
  private let transactor: Transactor
  private let store: ConfigurationStore
  private let submissions: GroupCommit<Submission, Vestibule_Model_V1_Request>
  private let extensions: GroupCommit<Extension, Vestibule_Model_V1_Request>
  private let answerUpdates: GroupCommit<AnswersUpdate, Vestibule_Model_V1_Request>
  private let policyChanges: GroupCommit<PolicyChange, Vestibule_Model_V1_Request>
  private let removals: GroupCommit<Removal, Vestibule_Model_V1_Request>
  private static let chunk = 500
  private static let mostAtOnce = 100_000
  private static let mostReprocessed = 10_000

  init(transactor: Transactor, store: ConfigurationStore) {
    (self.transactor, self.store) = (transactor, store)
    submissions = GroupCommit(
      transactor: transactor, tenant: \.tenant,
      perform: { submissions, work in try SubmitRequests(store: store)(submissions, work) })
    extensions = GroupCommit(
      transactor: transactor, tenant: \.tenant, perform: ExtendAssignments(store: store).callAsFunction)
    answerUpdates = GroupCommit(
      transactor: transactor, tenant: \.tenant, perform: UpdateAnswers(store: store).callAsFunction)
    policyChanges = GroupCommit(
      transactor: transactor, tenant: \.tenant, perform: ChangePolicies(store: store).callAsFunction)
    removals = GroupCommit(
      transactor: transactor, tenant: \.tenant,
      perform: { removals, work in try RemoveAssignments(store: store)(removals, work) })
  }

  func submit(
    request: Vestibule_Api_V1_SubmitRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Request {
    try await submissions(try Submission(request, by: try Principal.required()))
  }

  func explain(
    request: Vestibule_Api_V1_ExplainRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ExplainResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(named: request.tenant)
    let asked = Submission(
      principal: principal, tenant: tenant,
      accessPackage: try Field.id(request.accessPackage, at: "access_package"),
      targetSubject: try Field.optionalID(request.targetSubject, at: "target_subject"))
    let explanation = try await transactor.read(tenants: [tenant]) { [store] connection in
      try ExplainEligibility(store: store)(asked, on: connection, at: Date())
    }
    return Vestibule_Api_V1_ExplainResponse(explanation)
  }

  func getApplicablePolicyRequirements(
    request: Vestibule_Api_V1_PolicyRequirementsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_PolicyRequirementsResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(named: request.tenant)
    let asked = Submission(
      principal: principal, tenant: tenant,
      accessPackage: try Field.id(request.accessPackage, at: "access_package"))
    let languages = try LanguagePreference(request.languages, at: "languages")
    return try await transactor.read(tenants: [tenant]) { [store] connection in
      try ReadRequirements(store: store)(asked, in: languages, on: connection, at: Date())
    }
  }

  func submitMany(
    request: RPCAsyncSequence<Vestibule_Api_V1_SubmitRequest, any Error>, context: ServerContext
  ) async throws -> Vestibule_Api_V1_SubmitManyResponse {
    let principal = try Principal.required()
    var response = Vestibule_Api_V1_SubmitManyResponse()
    var chunk: [Result<Submission, Refusal>] = []
    for try await message in request {
      guard response.results.count + chunk.count < Self.mostAtOnce else {
        throw Refusal(.tooManyItems, "Send at most \(Self.mostAtOnce) requests at once.")
      }
      chunk.append(Result { () throws(Refusal) in try Submission(message, by: principal) })
      if chunk.count == Self.chunk {
        response.results += try await submit(chunk)
        chunk = []
      }
    }
    response.results += try await submit(chunk)
    return response
  }

  func extend(
    request: Vestibule_Api_V1_ExtendRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Request {
    try await extensions(Extension(ask: try AssignmentAsk(request, by: try Principal.required())))
  }

  func getAnswers(
    request: Vestibule_Api_V1_GetAnswersRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_GetAnswersResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(named: request.tenant)
    let assignment = try Field.id(request.assignment, at: "assignment")
    let languages = try LanguagePreference(request.languages, at: "languages")
    return try await transactor.read(tenants: [tenant]) { [store] connection in
      try ReadAnswers(store: store)(
        assignment, tenant: tenant, principal: principal, in: languages, on: connection)
    }
  }

  func updateAnswers(
    request: Vestibule_Api_V1_UpdateAnswersRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Request {
    try await answerUpdates(AnswersUpdate(ask: try AssignmentAsk(request, by: try Principal.required())))
  }

  func changePolicy(
    request: Vestibule_Api_V1_ChangePolicyRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Request {
    try await policyChanges(try PolicyChange(request, by: try Principal.required()))
  }

  func remove(
    request: Vestibule_Api_V1_RemoveRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Request {
    try await removals(Removal(ask: try AssignmentAsk(request, by: try Principal.required())))
  }

  func resubmit(
    request: Vestibule_Api_V1_ResubmitRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Request {
    let principal = try Principal.required()
    let (tenant, id) = (try principal.tenant(named: request.tenant), try Field.id(request.id, at: "id"))
    var again = try await transactor.read(tenants: [tenant]) { [store] connection in
      try ResubmitRequest(store: store)(id, tenant: tenant, principal: principal, on: connection)
    }
    again.idempotencyKey = try Field.text(request.idempotencyKey, at: "idempotency_key", limit: 256)
    again.acceptedTerms = try AcceptedTerms.each(request.acceptedTerms, at: "accepted_terms")
    return try await submissions(again)
  }

  func cancel(
    request: Vestibule_Api_V1_CancelRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Request {
    let principal = try Principal.required()
    let (tenant, id) = (try principal.tenant(named: request.tenant), try Field.id(request.id, at: "id"))
    return try await transactor.commit(tenants: [tenant]) { [store] work in
      try CancelRequest(store: store)(id, tenant: tenant, principal: principal, work)
    }.get()
  }

  func reprocess(
    request: Vestibule_Api_V1_ReprocessRequestsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ReprocessRequestsResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(named: request.tenant)
    let ids = try Field.ids(request.ids, at: "ids", limit: Self.mostReprocessed)
    let reprocess = ReprocessRequests(store: store)
    var response = Vestibule_Api_V1_ReprocessRequestsResponse()
    for start in stride(from: 0, to: ids.count, by: Self.chunk) {
      let page = Array(ids[start..<min(start + Self.chunk, ids.count)])
      response.results += try await transactor.commit(tenants: [tenant]) { work in
        try reprocess(page, tenant: tenant, principal: principal, work)
      }.map(Vestibule_Api_V1_ReprocessRequestResult.init)
    }
    return response
  }

  func get(
    request: Vestibule_Api_V1_GetRequestRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Request {
    let principal = try Principal.required()
    let (tenant, id) = (try principal.tenant(named: request.tenant), try Field.id(request.id, at: "id"))
    return try await transactor.read(tenants: [tenant]) { [store] connection in
      try ReadRequests(store: store).get(id, tenant: tenant, principal: principal, on: connection)
    }
  }

  func list(
    request: Vestibule_Api_V1_ListRequestsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListRequestsResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(named: request.tenant)
    let person = try Field.optionalID(request.targetSubject, at: "target_subject")
    let package = try Field.optionalID(request.accessPackage, at: "access_package")
    let page = try PageRequest<RequestTable.Key>(request.page)
    let states = try request.states.map { state throws(ContractError) in try AccessRequest.State(state) }
    let kinds = try request.requestTypes.map { kind throws(ContractError) in try AccessRequest.Kind(kind) }
    let scope: ReadRequests.Scope = person.map { .of($0) } ?? (request.all ? .all : .own)
    let (requests, next) = try await transactor.read(tenants: [tenant]) { [store] connection in
      try ReadRequests(store: store)
        .list(
          scope, package: package, states: states, kinds: kinds, tenant: tenant, page: page,
          principal: principal, on: connection)
    }
    return .with {
      $0.requests = requests
      $0.nextPageToken = PageToken.encode(next)
    }
  }

  func listAdditionalAccess(
    request: Vestibule_Api_V1_ListAdditionalAccessRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListAdditionalAccessResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(named: request.tenant)
    let package = try Field.id(request.accessPackage, at: "access_package")
    let group = try Field.optionalID(request.incompatibleGroup, at: "incompatible_group")
    let other =
      group == nil
      ? try Field.id(request.incompatibleAccessPackage, at: "incompatible_access_package") : package
    let page = try PageRequest<UUID>(request.page)
    let holders = try await transactor.read(tenants: [tenant]) { [store] connection in
      let reading = ReadRequests(store: store)
      if let group {
        return try reading.additionalAccess(
          package, group: group, tenant: tenant, page: page, principal: principal, on: connection)
      }
      return try reading.additionalAccess(
        package, other, tenant: tenant, page: page, principal: principal, on: connection)
    }
    return .with {
      $0.holders = holders
      $0.nextPageToken = page.nextToken(after: holders) { UUID(text: $0.target.subject) }
    }
  }

  func listDenied(
    request: Vestibule_Api_V1_ListDeniedRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListDeniedResponse {
    let principal = try Principal.required()
    let (tenant, page) = (try principal.tenant(named: request.tenant), try PageRequest<UUID>(request.page))
    let found = try await transactor.read(tenants: [tenant]) { [store] connection in
      try ListDenied(store: store)(tenant: tenant, page: page, principal: principal, on: connection)
    }
    return .with {
      ($0.holders, $0.people) = (found.holders, Int64(found.people))
      $0.nextPageToken = page.nextToken(after: found.holders) { UUID(text: $0.subject) }
    }
  }

  /// One chunk in a transaction of its own; what cannot be read is refused at its place.
  private func submit(
    _ chunk: [Result<Submission, Refusal>]
  ) async throws -> [Vestibule_Api_V1_SubmitResult] {
    let items = chunk.compactMap { try? $0.get() }
    var answers: ArraySlice<RequestAnswers.Answer> = []
    if !items.isEmpty {
      let submitRequests = SubmitRequests(store: store)
      answers = try await transactor.commit(tenants: Set(items.map(\.tenant))) { work in
        try submitRequests(items, work)
      }[...]
    }
    return chunk.map { item in
      switch item {
      case .failure(let refusal): Vestibule_Api_V1_SubmitResult(.failure(refusal))
      case .success: Vestibule_Api_V1_SubmitResult(answers.popFirst() ?? .failure(.notFound))
      }
    }
  }
}
