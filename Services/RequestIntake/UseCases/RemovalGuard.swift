import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Which removals of a batch wait for a second administrator: what somebody asks of others' access counts, what people
/// give up themselves does not.
struct RemovalGuard {
  let locked: [UUID: StoredRequest]
  let work: Work

  /// - Returns: what waits, by the places of the removals. What one caller asks for in one batch waits as one.
  func waiting(
    _ asked: [(index: Int, removal: Removal)], _ configuration: LoadedConfiguration, _ admission: Admission
  ) throws -> [Int: PendingConfirmation] {
    var waiting: [Int: PendingConfirmation] = [:]
    let callers = Dictionary(grouping: asked.filter { concernsOthers($0.removal, configuration) }) {
      [$0.removal.tenant.text, $0.removal.principal.issuer, $0.removal.principal.externalSubject]
    }
    for items in callers.values.sorted(by: { $0[0].index < $1[0].index }) {
      let (first, removals) = (items[0].removal, items.map(\.removal))
      let confirmation = try MassChangeGuard(work: work, tenant: first.tenant, principal: first.principal)
        .admit(change(removals), effect(removals), admission)
      if let confirmation { for item in items { waiting[item.index] = confirmation } }
    }
    return waiting
  }

  /// What may not be asked for anyway is refused by the batch itself.
  private func concernsOthers(_ removal: Removal, _ configuration: LoadedConfiguration) -> Bool {
    guard let origin = locked[removal.ask.assignment],
      let access = try? AssignmentAccess(removal.principal, to: origin.request, configuration)
    else { return false }
    return access == .administrator
  }

  private func change(_ removals: [Removal]) -> Vestibule_Model_V1_GuardedChange {
    .with {
      $0.removeAssignments.removals = removals.map { removal in
        .with { ($0.assignment, $0.justification) = (removal.ask.assignment.text, removal.ask.justification) }
      }
    }
  }

  private func effect(_ removals: [Removal]) -> GuardedEffect {
    let origins = removals.compactMap { locked[$0.ask.assignment] }
    return GuardedEffect(
      object: removals[0].ask.assignment, objectVersion: origins.reduce(0) { $0 + $1.request.version },
      people: Set(
        origins.filter { $0.isRemovable || $0.request.isWaiting }.map(\.request.target.subject)))
  }
}
