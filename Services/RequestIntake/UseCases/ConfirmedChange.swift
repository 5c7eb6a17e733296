import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// A change that waits: what it is about now, whom it would concern now, and how it is made once it is confirmed.
struct ConfirmedChange {
  let store: ConfigurationStore
  let stored: StoredConfirmation
  let principal: Principal
  let work: Work

  private var tenant: UUID { stored.confirmation.tenant }
  private var object: UUID { stored.confirmation.object }

  /// The version of what it is about; 0 when it is not there.
  func objectVersion() throws -> Int {
    switch stored.change.change {
    case .put, .delete, .endOrganization:
      let found = try ConfigurationTable(connection: work.connection).find(object, tenant: tenant, epoch: 1)
      return Int(found?.object.version.number ?? 0)
    case .removeAssignments(let list):
      let found = try RequestTable(connection: work.connection).find(
        list.removals.compactMap { UUID(text: $0.assignment) }, tenants: [tenant])
      return found.values.reduce(0) { $0 + $1.request.version }
    case .cancelRequests(let list):
      let found = try RequestTable(connection: work.connection).find(list.ids, tenants: [tenant])
      return found.values.reduce(0) { $0 + $1.request.version }
    case .revokeApprovals, .adoptGuests: return 0
    case .endSubject, .cutOffSubject, .putSubjects, .eraseSubject:
      let found = try SubjectTable(connection: work.connection).find(named, tenants: [tenant])
      return found.values.reduce(0) { $0 + $1.version }
    case nil: return 0
    }
  }

  /// Whom it would cost access or account, or refuse, as things are now.
  func peopleNow() throws -> Set<UUID> {
    switch stored.change.change {
    case .put(let object):
      return try PutConfiguration(store: store).dryRun(
        object, tenant: tenant, principal: principal, work, .confirmed
      )
      .effect.people
    case .delete: return try configurationEffect { $0.deleted = true }
    case .endOrganization: return try configurationEffect { $0.connectedOrganization.state = .ended }
    case .removeAssignments(let list):
      let found = try RequestTable(connection: work.connection).find(
        list.removals.compactMap { UUID(text: $0.assignment) }, tenants: [tenant])
      return Set(found.values.filter { $0.isRemovable || $0.request.isWaiting }.map(\.request.target.subject))
    case .cancelRequests(let list):
      let found = try RequestTable(connection: work.connection).find(list.ids, tenants: [tenant])
      return Set(found.values.map(\.request.target.subject))
    case .revokeApprovals(let list):
      return try EndRevokedAccess(store: store).people(
        of: Array(list.byRequest.keys), tenants: [tenant], work)
    case .adoptGuests(let list): return Set(list.adoptions.compactMap { UUID(text: $0.targetSubject) })
    case .endSubject(let end): return try stillHere(of: end.everybody)
    case .cutOffSubject:
      return Set(try SubjectTable(connection: work.connection).lockPerson(of: object, tenant: tenant).keys)
    case .putSubjects, .eraseSubject: return named
    case nil: return []
    }
  }

  /// Makes the change, in the name of whoever confirmed it.
  func perform() throws {
    switch stored.change.change {
    case .put(let object):
      _ = try PutConfiguration(store: store)(object, tenant: tenant, principal: principal, work, .confirmed)
        .get()
    case .delete:
      _ = try DeleteConfiguration(store: store)(
        object, version: nil, tenant: tenant, principal: principal, work, .confirmed
      ).get()
    case .endOrganization:
      _ = try EndOrganization(store: store)(
        object, isDryRun: false, tenant: tenant, principal: principal, work, .confirmed
      ).get()
    case .removeAssignments(let list):
      let removals = list.removals.compactMap { removal in
        UUID(text: removal.assignment).map { id in
          Removal(
            ask: AssignmentAsk(
              principal: principal, tenant: tenant, assignment: id, justification: removal.justification))
        }
      }
      for answer in try RemoveAssignments(store: store)(removals, work, .confirmed) {
        // What has ended meanwhile is what was wanted.
        if case .failure(let refusal) = answer, refusal.reasons.allSatisfy({ $0.code == .assignmentNotLive })
        {
          continue
        }
        _ = try answer.get()
      }
    case .cancelRequests(let list):
      for id in list.ids {
        _ = try CancelRequest(store: store)(id, tenant: tenant, principal: principal, work, .confirmed).get()
      }
    case .revokeApprovals(let list):
      try EndRevokedAccess(store: store)(list.byRequest, tenants: [tenant], work, .confirmed)
    case .adoptGuests(let list):
      // What is refused takes nothing, and is told when the file is brought again.
      _ = try SubmitRequests(store: store)(
        try list.adoptions.map { try Submission($0, tenant: tenant, principal: principal) }, work, .confirmed)
    case .endSubject(let end):
      _ = try EndSubject(store: store)(
        object, reason: end.reason, tenant: tenant, principal: principal, work, .confirmed,
        covering: end.everybody
      ).get()
    case .cutOffSubject(let end):
      _ = try CutOffSubject()(
        object, .cutOff(reason: end.reason), tenant: tenant, principal: principal, work, .confirmed
      ).get()
    case .eraseSubject:
      _ = try EraseSubject(store: store)(
        object, isDryRun: false, tenant: tenant, principal: principal, work, .confirmed
      ).get()
    case .putSubjects(let list):
      let answers = try PutSubjects(store: store)(
        list.subjects, tenant: tenant, principal: principal, work, .confirmed)
      for answer in answers { _ = try answer.get() }
    case nil: break
    }
  }

  private func stillHere(of people: Set<UUID>) throws -> Set<UUID> {
    let found = try SubjectTable(connection: work.connection).find(people, tenants: [tenant])
    return Set(found.values.filter { $0.leftAt == nil }.map(\.id))
  }

  private var named: Set<UUID> {
    switch stored.change.change {
    case .endSubject(let end), .cutOffSubject(let end): Set([end.subject].compactMap { UUID(text: $0) })
    case .eraseSubject: [object]
    case .putSubjects(let list): Set(list.subjects.compactMap { UUID(text: $0.id) })
    case .put, .delete, .endOrganization, .removeAssignments, .cancelRequests, .revokeApprovals,
      .adoptGuests, nil:
      []
    }
  }

  private func configurationEffect(
    _ change: (inout Vestibule_Model_V1_ConfigurationObject) -> Void
  ) throws -> Set<UUID> {
    guard let configuration = try store.load([tenant], on: work.connection).tenants[tenant],
      let entry = configuration.objects[object]
    else { return [] }
    var next = entry.object
    change(&next)
    return try ConfigurationEffect(
      tenant: tenant, configuration: configuration, connection: work.connection, now: work.now
    ).of(next, id: object, after: entry).people
  }
}

extension Vestibule_Model_V1_GuardedChange.SubjectEnd {
  /// Whom it was asked of.
  fileprivate var everybody: Set<UUID> { Set((covered + [subject]).compactMap { UUID(text: $0) }) }
}

extension Vestibule_Model_V1_GuardedChange.Cancellations {
  fileprivate var ids: [UUID] { requests.compactMap { UUID(text: $0) } }
}

extension Vestibule_Model_V1_GuardedChange.Revocations {
  fileprivate var byRequest: [UUID: ApprovalProcess.Revocation] {
    revocations.reduce(into: [:]) { found, revocation in
      guard let request = UUID(text: revocation.request), let by = UUID(text: revocation.revokedBy) else {
        return
      }
      found[request] = ApprovalProcess.Revocation(
        by: by, justification: revocation.justification, at: revocation.revokedAt.date)
    }
  }
}
