import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres

/// Asserts what assignments have anew, whenever (decision 20), and tries at once what is on its way. A failed delivery is
/// begun again by its request alone: whether nothing newer stands for the person, request-intake knows.
struct ReprocessAssignments {
  let settle: Settlement

  func callAsFunction(
    _ ids: [UUID], tenant: UUID, _ permission: Permission, _ work: Work
  ) throws -> [Result<Assignment, Refusal>] {
    let found = try AssignmentTable(connection: work.connection).read(Set(ids), of: [tenant])
    let catalogs = try PackageCatalog(connection: work.connection, cache: settle.cache)
      .of(Set(found.map(\.accessPackage)))
    let permitted = found.filter { permission.managesAssignments(of: catalogs[$0.accessPackage]) }.map(\.id)
    let holdings = try Holdings.lock(holdersOf: Set(permitted), of: [tenant], work)
    holdings.initiator = permission.principal.initiator
    var refused: [UUID: Refusal] = [:]
    for id in permitted {
      guard let assignment = holdings.assignments[id] else { continue }
      do throws(Refusal) {
        guard try assignment.isAssertable() else { continue }
        holdings.assertAll(of: assignment)
        holdings.record(.assignmentReprocessed, assignment)
      } catch {
        refused[id] = error
      }
    }
    try settle(holdings)
    return ids.map { id in
      if let refusal = refused[id] { return .failure(refusal) }
      return holdings.assignments[id].map { .success($0) } ?? .failure(.notFound)
    }
  }
}

extension Assignment {
  /// Whether its roles are to be asserted anew; not those that are being taken away.
  ///
  /// - Throws: `notReprocessable` with what would be right.
  fileprivate func isAssertable() throws(Refusal) -> Bool {
    switch state {
    case .delivering, .partiallyDelivered, .delivered: return true
    case .removing: return false
    case .deliveryFailed:
      throw Refusal(
        .notReprocessable, "A failed delivery is reprocessed by its request.", field: "ids",
        hint: "Requests/Reprocess \(id.text)")
    case .expired:
      throw Refusal(.notReprocessable, "There is no access left.", field: "ids", hint: "ask anew")
    }
  }
}
