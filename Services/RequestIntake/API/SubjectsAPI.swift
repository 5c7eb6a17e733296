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

/// The people a tenant knows.
struct SubjectsAPI: Vestibule_Api_V1_Subjects.SimpleServiceProtocol {
  let transactor: Transactor
  let store: ConfigurationStore
  let principals: LocalPrincipals
  private static let chunk = 500
  private static let mostAtOnce = 100_000

  init(transactor: Transactor, store: ConfigurationStore, principals: LocalPrincipals) {
    (self.transactor, self.store, self.principals) = (transactor, store, principals)
  }

  func put(
    request: Vestibule_Api_V1_PutSubjectRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Subject {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.subject.tenant)
    let answers = try await save([request.subject], tenant, principal)
    guard let answer = answers.first else { throw Refusal.notFound }
    return try answer.get()
  }

  func putMany(
    request: RPCAsyncSequence<Vestibule_Api_V1_PutSubjectRequest, any Error>, context: ServerContext
  ) async throws -> Vestibule_Api_V1_PutManySubjectsResponse {
    let principal = try Principal.required()
    var response = Vestibule_Api_V1_PutManySubjectsResponse()
    var (chunk, tenant, start) = ([Vestibule_Model_V1_Subject](), UUID?.none, 0)
    for try await message in request {
      let own = try principal.tenant(administered: message.subject.tenant)
      guard start + chunk.count < Self.mostAtOnce else {
        throw Refusal(.tooManyItems, "Send at most \(Self.mostAtOnce) people at once.")
      }
      if let tenant, tenant != own || chunk.count == Self.chunk {
        response.add(try await save(chunk, tenant, principal), from: start)
        (chunk, start) = ([], start + chunk.count)
      }
      chunk.append(message.subject)
      tenant = own
    }
    if let tenant { response.add(try await save(chunk, tenant, principal), from: start) }
    return response
  }

  func get(
    request: Vestibule_Api_V1_GetSubjectRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Subject {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let id = try Field.id(request.id, at: "id")
    return try await transactor.read(tenants: [tenant]) { connection in
      try ReadSubjects().get(id, tenant: tenant, principal: principal, on: connection)
    }
  }

  func list(
    request: Vestibule_Api_V1_ListSubjectsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListSubjectsResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let (page, email) = (try PageRequest<UUID>(request.page), request.email)
    let subjects = try await transactor.read(tenants: [tenant]) { connection in
      try ReadSubjects().list(tenant: tenant, email: email, page: page, principal: principal, on: connection)
    }
    return .with {
      $0.subjects = subjects
      $0.nextPageToken = page.nextToken(after: subjects) { UUID(text: $0.id) }
    }
  }

  func end(
    request: Vestibule_Api_V1_EndSubjectRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Subject {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let id = try Field.id(request.id, at: "id")
    let reason = try Field.text(request.reason, at: "reason", limit: Limits.justification)
    let ended = try await transactor.commit(tenants: [tenant]) { [store] work in
      try EndSubject(store: store)(id, reason: reason, tenant: tenant, principal: principal, work)
    }.get()
    principals.forget()
    return ended
  }

  func cutOff(
    request: Vestibule_Api_V1_CutOffSubjectRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Subject {
    let reason = try Field.text(request.reason, at: "reason", limit: Limits.justification)
    guard !reason.isEmpty else { throw Refusal(.required, "Say why the person is cut off.", field: "reason") }
    return try await say(.cutOff(reason: reason), of: request.id, in: request.tenant)
  }

  func restore(
    request: Vestibule_Api_V1_RestoreSubjectRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Subject {
    try await say(.restore, of: request.id, in: request.tenant)
  }

  func link(
    request: Vestibule_Api_V1_LinkSubjectsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_LinkSubjectsResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    guard request.links.count <= 1_000 else { throw Refusal(.tooManyItems, "Link at most 1,000 at once.") }
    let links = try request.links.enumerated().map { index, link in
      LinkSubjects.Link(
        subject: try Field.id(link.subject, at: "links[\(index)].subject"),
        linked: try Field.ids(link.linked, at: "links[\(index)].linked"))
    }
    let isDryRun = request.dryRun
    let results = try await transactor.commit(tenants: [tenant]) { [store] work in
      try LinkSubjects(store: store)(links, isDryRun: isDryRun, tenant: tenant, principal: principal, work)
    }
    principals.forget()
    return .with { $0.results = results.map(Vestibule_Api_V1_LinkSubjectsResponse.Result.init) }
  }

  func unlink(
    request: Vestibule_Api_V1_UnlinkSubjectsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_UnlinkSubjectsResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let ids = Set(try Field.ids(request.ids, at: "ids"))
    guard ids.count <= 1_000 else { throw Refusal(.tooManyItems, "Unlink at most 1,000 at once.") }
    let unlinked = try await transactor.commit(tenants: [tenant]) { work in
      try LinkSubjects.unlink(ids, tenant: tenant, principal: principal, work)
    }
    principals.forget()
    return .with { $0.unlinked = Int32(unlinked) }
  }

  func merge(
    request: Vestibule_Api_V1_MergeSubjectsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_MergeSubjectsResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    guard request.merges.count <= 1_000 else { throw Refusal(.tooManyItems, "Merge at most 1,000 at once.") }
    let merges = try request.merges.enumerated().map { index, merge in
      MergeSubjects.Merge(
        survivor: try Field.id(merge.survivor, at: "merges[\(index)].survivor"),
        merged: try Field.id(merge.merged, at: "merges[\(index)].merged"))
    }
    let isDryRun = request.dryRun
    let results = try await transactor.commit(tenants: [tenant]) { [store] work in
      try MergeSubjects(store: store)(merges, isDryRun: isDryRun, tenant: tenant, principal: principal, work)
    }
    principals.forget()
    return .with { $0.results = results.map(Vestibule_Api_V1_MergeSubjectsResponse.Result.init) }
  }

  func unmerge(
    request: Vestibule_Api_V1_UnmergeSubjectsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_UnmergeSubjectsResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let ids = Set(try Field.ids(request.ids, at: "ids"))
    guard ids.count <= 1_000 else { throw Refusal(.tooManyItems, "Unmerge at most 1,000 at once.") }
    let unmerged = try await transactor.commit(tenants: [tenant]) { work in
      try MergeSubjects.undo(ids, tenant: tenant, principal: principal, work)
    }
    principals.forget()
    return .with { $0.unmerged = Int32(unmerged) }
  }

  func erase(
    request: Vestibule_Api_V1_EraseSubjectRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_EraseSubjectResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let (id, isDryRun) = (try Field.id(request.id, at: "id"), request.dryRun)
    let (outcome, epoch) = try await transactor.commit(tenants: [tenant]) { [store] work in
      let erase = EraseSubject(store: store)
      return (
        try erase(id, isDryRun: isDryRun, tenant: tenant, principal: principal, work),
        try work.connection.epoch()
      )
    }
    let erased = try outcome.get()
    if !isDryRun { principals.forget() }
    return .with {
      $0.subject = Vestibule_Model_V1_Subject(erased.subject, epoch: epoch)
      $0.obstacles = erased.obstacles.map(Vestibule_Model_V1_Reason.init)
      $0.requests = Int32(erased.requests.count)
    }
  }

  func setLegalHold(
    request: Vestibule_Api_V1_LegalHoldRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Subject {
    try await hold(.set, request)
  }

  func liftLegalHold(
    request: Vestibule_Api_V1_LegalHoldRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Subject {
    try await hold(.lift, request)
  }

  private func hold(
    _ word: HoldSubject.Word, _ request: Vestibule_Api_V1_LegalHoldRequest
  ) async throws -> Vestibule_Model_V1_Subject {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let id = try Field.id(request.id, at: "id")
    let reason = try Field.text(request.reason, at: "reason", limit: Limits.justification)
    guard !reason.isEmpty else { throw Refusal(.required, "Say why.", field: "reason") }
    return try await transactor.commit(tenants: [tenant]) { work in
      try HoldSubject()(id, word, reason: reason, tenant: tenant, principal: principal, work)
    }
  }

  private func say(
    _ word: CutOffSubject.Word, of person: String, in tenant: String
  ) async throws -> Vestibule_Model_V1_Subject {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: tenant)
    let id = try Field.id(person, at: "id")
    let subject = try await transactor.commit(tenants: [tenant]) { work in
      try CutOffSubject()(id, word, tenant: tenant, principal: principal, work)
    }.get()
    principals.forget()
    return subject
  }

  private func save(
    _ subjects: [Vestibule_Model_V1_Subject], _ tenant: UUID, _ principal: Principal
  ) async throws -> [PutSubjects.Answer] {
    do {
      let answers = try await transactor.commit(tenants: [tenant]) { [store] work in
        try PutSubjects(store: store)(subjects, tenant: tenant, principal: principal, work)
      }
      principals.forget()
      return answers
    } catch let error as DatabaseError where error.constraint == "subject_name" {
      throw Refusal(.nameTaken, "Another person has just been given this name.", field: "name")
    }
  }
}

extension Vestibule_Api_V1_PutManySubjectsResponse {
  fileprivate mutating func add(_ answers: [PutSubjects.Answer], from start: Int) {
    for (index, answer) in answers.enumerated() {
      switch answer {
      case .success: saved += 1
      case .failure(let refusal):
        refused.append(
          .with {
            $0.index = Int32(start + index)
            $0.refusal = Vestibule_Model_V1_Refusal(refusal)
          })
      }
    }
  }
}

extension Vestibule_Api_V1_LinkSubjectsResponse.Result {
  fileprivate init(_ result: Result<[LinkSubjects.Conflict], Refusal>) {
    self.init()
    switch result {
    case .failure(let refused): refusal = Vestibule_Model_V1_Refusal(refused)
    case .success(let found):
      conflicts = found.map { conflict in
        .with {
          ($0.accessPackage, $0.assignment) = (conflict.package.text, conflict.assignment.text)
          switch conflict.other {
          case .package(let package, let assignment):
            ($0.incompatibleAccessPackage, $0.incompatibleAssignment) = (package.text, assignment.text)
          case .group(let group): $0.incompatibleGroup = group.text
          }
        }
      }
    }
  }
}

extension Vestibule_Api_V1_MergeSubjectsResponse.Result {
  fileprivate init(_ result: Result<MergeSubjects.Outcome, Refusal>) {
    self.init()
    switch result {
    case .failure(let refused): refusal = Vestibule_Model_V1_Refusal(refused)
    case .success(let outcome):
      finalAt = Google_Protobuf_Timestamp(outcome.finalAt)
      heldTwice = outcome.heldTwice.map { twice in
        .with {
          ($0.accessPackage, $0.kept) = (twice.accessPackage.text, twice.kept.text)
          $0.ended = twice.ended.map(\.text)
        }
      }
    }
  }
}
