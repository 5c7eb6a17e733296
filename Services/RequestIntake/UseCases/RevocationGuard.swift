import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Which revocations of a batch wait for an administrator: an approver's word is taken back at once, but what it gave
/// to many ends only when somebody who administers has seen how many (decision 26).
struct RevocationGuard {
  let batch: RemovalBatch
  let work: Work

  /// - Returns: the requests whose end waits, or was rejected.
  func waiting(_ revocations: [UUID: ApprovalProcess.Revocation]) throws -> Set<UUID> {
    let ended = revocations.keys.compactMap(batch.wouldEnd)
    guard !ended.isEmpty else { return [] }
    let table = RequestTable(connection: work.connection)
    // What is told again is not asked again.
    var waiting = try table.heldRevocations(revocations, tenants: Set(ended.map(\.tenant)))
    let fresh = ended.filter { !waiting.contains($0.id) }
    let asked = Dictionary(grouping: fresh) { [$0.tenant, revocations[$0.id]?.by] }
    let identities = try identities(
      of: fresh.compactMap { revocations[$0.id]?.by }, tenants: Set(fresh.map(\.tenant)))
    for requests in asked.values.map({ $0.sorted { $0.id < $1.id } }).sorted(by: isBefore) {
      guard let by = revocations[requests[0].id]?.by else { continue }
      let asker = Administrator(
        subject: by, identity: identities[by] ?? EntitlementModel.Identity(issuer: "", subject: by.text))
      let confirmation = try MassChangeGuard(
        work: work, tenant: requests[0].tenant, asker: asker, initiator: .approver(by)
      ).admit(change(requests, revocations), effect(requests))
      guard let confirmation else { continue }
      try table.hold(
        requests.map(\.id), of: revocations, confirmation: confirmation.id, tenant: confirmation.tenant)
      waiting.formUnion(requests.map(\.id))
    }
    return waiting
  }

  private func identities(of approvers: [UUID], tenants: Set<UUID>) throws -> [UUID: EntitlementModel
    .Identity]
  {
    let table = SubjectTable(connection: work.connection)
    let people = try table.withIdentities(Array(table.find(Set(approvers), tenants: tenants).values))
    return people.reduce(into: [:]) { $0[$1.id] = $1.identities.first }
  }

  private func isBefore(_ left: [AccessRequest], _ right: [AccessRequest]) -> Bool {
    (left[0].tenant, left[0].id) < (right[0].tenant, right[0].id)
  }

  private func change(
    _ requests: [AccessRequest], _ revocations: [UUID: ApprovalProcess.Revocation]
  ) -> Vestibule_Model_V1_GuardedChange {
    .with {
      $0.revokeApprovals.revocations = requests.compactMap { request in
        revocations[request.id].map { Vestibule_Model_V1_GuardedChange.Revocation($0, of: request.id) }
      }
    }
  }

  /// Without a version: what becomes of the access meanwhile does not bring the approval back.
  private func effect(_ requests: [AccessRequest]) -> GuardedEffect {
    GuardedEffect(object: requests[0].id, objectVersion: 0, people: Set(requests.map(\.target.subject)))
  }
}

extension Vestibule_Model_V1_GuardedChange.Revocation {
  fileprivate init(_ revocation: ApprovalProcess.Revocation, of request: UUID) {
    self.init()
    (self.request, revokedBy, justification) = (request.text, revocation.by.text, revocation.justification)
    revokedAt = Google_Protobuf_Timestamp(revocation.at)
  }
}
