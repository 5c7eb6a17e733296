import EntitlementModel
import Foundation
import Messaging
import Postgres

/// Brings the guests in hand as far as it goes without leaving the transaction: embedded connectors do their part,
/// assignments and guests draw their conclusions, the rest waits for a worker.
struct Settlement {
  let connectors: Connectors
  let cache: ConfigurationCache

  func callAsFunction(_ holdings: Holdings) throws {
    try drawConclusions(holdings)
    try holdings.save()
    try enqueue(holdings)
  }

  /// Without writing yet.
  func drawConclusions(_ holdings: Holdings) throws {
    try settleAccounts(holdings)
    try settleRoles(holdings)
    try settleAttributes(holdings)
    let ended = endFailures(holdings) + progressAssignments(holdings)
    guard !ended.isEmpty else { return }
    try settleRoles(holdings)
    try settleAttributes(holdings)
    try endAssignments(ended, holdings)
    try settleAccounts(holdings)
  }

  /// Whether a connector has still to be told something of a guest.
  func isPending(_ guest: UUID, _ holdings: Holdings) -> Bool {
    (holdings.guests[guest]?.accounts ?? []).contains(where: \.isPending)
      || holdings.roles(of: guest).contains { $0.entitlement.isPending && $0.entitlement.state != .failed }
      || holdings.attributes(of: guest).contains { $0.isPending && $0.state != .failed }
  }

  // MARK: - What connectors in this database do at once

  private func settleAccounts(_ holdings: Holdings) throws {
    for (connector, commands) in pendingAccounts(holdings) {
      let answers: [AccountAnswer]
      switch connectors.reach(connector) {
      case .embedded(let target): answers = try target.settle(commands, on: holdings.work.connection)
      case .missing: answers = commands.map { _ in .failure(.refused) }
      case .external: continue
      }
      for (command, answer) in zip(commands, answers) {
        holdings.answered(answer, guest: command.guest, at: connector)
      }
    }
  }

  private func settleRoles(_ holdings: Holdings) throws {
    for (connector, asked) in pendingRoles(holdings) {
      let answers: [RoleAnswer]
      switch connectors.reach(connector) {
      case .embedded(let target):
        answers = try target.change(asked.map(\.command), on: holdings.work.connection)
      case .missing: answers = asked.map { _ in .failure(.refused) }
      case .external: continue
      }
      for (item, answer) in zip(asked, answers) {
        if case .failure = answer { holdings.attempt(item.role) }
        holdings.answered(answer, role: item.role, generation: item.generation, retryAt: holdings.work.now)
      }
    }
  }

  private func settleAttributes(_ holdings: Holdings) throws {
    for (connector, asked) in pendingAttributes(holdings) {
      switch connectors.reach(connector) {
      case .embedded(let target): try settle(asked, at: target, holdings)
      case .missing:
        for item in asked {
          holdings.answered(
            .failure(.refused), attribute: item.attribute, generation: item.generation,
            retryAt: holdings.work.now)
        }
      case .external: continue
      }
    }
  }

  private func settle(
    _ asked: [AskedAttribute], at target: any EmbeddedConnector, _ holdings: Holdings
  ) throws {
    let connection = holdings.work.connection
    var toChange: [AskedAttribute] = []
    for (item, answer) in zip(asked, try target.observe(asked.map(\.command), on: connection)) {
      if holdings.observed(item, answer) { toChange.append(item) }
    }
    guard !toChange.isEmpty else { return }
    for (item, answer) in zip(toChange, try target.change(toChange.map(\.command), on: connection)) {
      holdings.answered(
        answer, attribute: item.attribute, generation: item.generation, retryAt: holdings.work.now)
    }
  }

  // MARK: - What follows

  /// Deliveries that a refusal has ended: what they had is released.
  private func endFailures(_ holdings: Holdings) -> [Assignment] {
    var ended: [Assignment] = []
    for assignment in holdings.delivering {
      guard let failure = holdings.failure(of: assignment) else { continue }
      holdings.change(assignment: assignment.id) { $0.fail(failure) }
      holdings.releaseAll(of: assignment)
      ended.append(assignment)
    }
    return ended
  }

  /// - Returns: the assignments whose access is gone for good.
  private func progressAssignments(_ holdings: Holdings) -> [Assignment] {
    var ended: [Assignment] = []
    for assignment in holdings.assignments.current.values.sorted(by: { $0.id < $1.id }) {
      let progress = holdings.progress(of: assignment)
      holdings.change(assignment: assignment.id) { $0.entitlementsChanged(progress, at: holdings.work.now) }
      // One that had failed was no longer counted as live.
      guard let now = holdings.assignments[assignment.id], now.state == .expired,
        assignment.state != .expired, assignment.failure == nil
      else { continue }
      ended.append(now)
    }
    return ended
  }

  private func endAssignments(_ ended: [Assignment], _ holdings: Holdings) throws {
    let lifecycle = try Lifecycle(
      guests: Set(ended.map(\.target.subject)), tenants: holdings.tenants,
      connection: holdings.work.connection,
      cache: cache)
    for assignment in ended {
      let guest = assignment.target.subject
      holdings.change(guest: guest) {
        $0.assignmentEnded(
          settings: lifecycle.settings(of: assignment.tenant), hasOpenRequest: lifecycle.waits(guest),
          at: holdings.work.now)
      }
    }
  }

  /// Asks for visits of the guests of whom an external connector has still to be told something.
  private func enqueue(_ holdings: Holdings) throws {
    guard connectors.hasExternal else { return }
    let pending = holdings.guests.current.values.filter {
      holdings.toVisit.contains($0.id) || isPending($0.id, holdings)
    }
    try GuestWorkTable(connection: holdings.work.connection)
      .enqueue(pending.map { ($0.id, $0.tenant) }, at: holdings.work.now)
  }
}
