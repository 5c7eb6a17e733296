import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Does what approved requests ask for: gives access, more time, or takes access away. An assignment bears the id of
/// the request that made it, so an event that comes again finds its work done.
struct FulfilRequests {
  let settle: Settlement

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_RequestEvent>], _ work: Work) throws {
    let asked = try work.requests(events)
    let tenants = Set(events.map(\.tenant))
    try PackageChangeTable(connection: work.connection)
      .share(Set(asked.filter(\.dependsOnPackage).map(\.accessPackage)))
    let organizations = Set(asked.filter { $0.kind.purpose != .remove }.compactMap(\.organization))
    try ContractCapTable(connection: work.connection).share(organizations)
    let contracts = try ContractEnds(of: organizations, work, settle.cache)
    let requests = asked.map(contracts.capped)
    let holdings = try Holdings.lock(
      guests: Set(requests.map(\.target.subject)), assignments: Set(requests.map(\.assignment)), of: tenants,
      work)
    let conditions = try DeliveryConditions(
      for: requests.filter(\.dependsOnPackage), snapshots: events.flatMap(\.body.snapshots),
      tenants: holdings.tenants, work, settle.cache)
    for request in requests {
      switch request.purpose {
      case .add: give(request, conditions, contracts, holdings)
      case .update: update(request, conditions, contracts, holdings)
      case .remove: remove(request, holdings)
      }
    }
    try close(events, requests, holdings)
    try settleIdle(requests, holdings)
    try settle(holdings)
  }

  private func give(
    _ request: AccessRequest, _ conditions: DeliveryConditions, _ contracts: ContractEnds,
    _ holdings: Holdings
  ) {
    guard let known = holdings.assignments[request.id] else {
      holdings.add(Assignment.begin(request))
      return deliver(request, conditions, holdings)
    }
    var reprocessing = Assignment.Reprocessing.nothing
    holdings.change(assignment: known.id) {
      reprocessing = $0.follow(request.reprocessed)
      return reprocessing == .deliver ? contracts.cap(&$0) : []
    }
    switch reprocessing {
    case .deliver: deliver(request, conditions, holdings)
    case .assert: holdings.assertAll(of: known)
    case .nothing: break
    }
  }

  private func deliver(_ request: AccessRequest, _ conditions: DeliveryConditions, _ holdings: Holdings) {
    guard let assignment = holdings.assignments[request.id] else { return }
    switch conditions.package(for: request) {
    case .success(let package): holdings.begin(assignment, package, adopts: request.adoptsGuest)
    case .failure(let obstacle): holdings.change(assignment: request.id) { $0.fail(obstacle.failure) }
    }
  }

  private func update(
    _ request: AccessRequest, _ conditions: DeliveryConditions, _ contracts: ContractEnds,
    _ holdings: Holdings
  ) {
    guard let before = holdings.assignments[request.assignment] else { return }
    holdings.change(assignment: request.assignment) { assignment in
      switch request.update {
      // The organization that it is for by now may end sooner than it does.
      case .schedule, nil: assignment.extend(request) + contracts.cap(&assignment)
      case .answers: assignment.edit(request)
      case .policy: assignment.changePolicy(request)
      }
    }
    guard let assignment = holdings.assignments[request.assignment], assignment != before else {
      // What is over stays over: the request hears of it once more.
      return tellAgain(before, holdings)
    }
    if request.bringsAnswers, let package = conditions[assignment.accessPackage] {
      holdings.answer(assignment, package)
    }
  }

  private func remove(_ request: AccessRequest, _ holdings: Holdings) {
    guard let assignment = holdings.assignments[request.assignment] else {
      holdings.add(Assignment.tombstone(request, at: holdings.work.now))
      return holdings.tell(.removed, of: request.assignment)
    }
    var isRemoved = false
    holdings.change(assignment: assignment.id) {
      isRemoved = $0.remove(because: request.reasonToEnd)
      return []
    }
    if isRemoved { holdings.releaseAll(of: assignment) } else { tellAgain(assignment, holdings) }
  }

  private func tellAgain(_ assignment: Assignment, _ holdings: Holdings) {
    if let fact = assignment.presentFact { holdings.tell(fact, of: assignment.id) }
  }

  /// Whom a request kept that can not be delivered is kept by it no longer.
  private func settleIdle(_ requests: [AccessRequest], _ holdings: Holdings) throws {
    let failed = requests.filter { holdings.assignments[$0.id]?.state == .deliveryFailed }
    guard !failed.isEmpty else { return }
    let guests = Set(failed.map(\.target.subject))
    let lifecycle = try Lifecycle(
      guests: guests, tenants: holdings.tenants, connection: holdings.work.connection, cache: settle.cache)
    for request in failed {
      holdings.change(guest: request.target.subject) {
        $0.settle(
          settings: lifecycle.settings(of: request.tenant), hasOpenRequest: lifecycle.waits($0.id),
          at: holdings.work.now)
      }
    }
  }

  /// They wait for approval no longer.
  private func close(
    _ events: [Received<Vestibule_Events_V1_RequestEvent>], _ requests: [AccessRequest], _ holdings: Holdings
  ) throws {
    let table = OpenRequestTable(connection: holdings.work.connection)
    try table.forget(requests.filter { $0.purpose == .add }.map(\.id), of: holdings.tenants)
    try table.take(
      zip(events, requests).filter { $1.purpose != .add }.map { event, request in
        OpenRequest(
          request: request.id, tenant: event.tenant, subject: request.target.subject, version: event.version,
          isOpen: isLate(request, holdings))
      })
  }

  /// Whether it would have extended what the clock has ended: request-intake says what becomes of it, and until then it
  /// keeps the guest.
  private func isLate(_ request: AccessRequest, _ holdings: Holdings) -> Bool {
    guard request.state == .delivering, request.purpose == .update, request.update == .schedule,
      let assignment = holdings.assignments[request.assignment], assignment.endReason == .timeUp
    else { return false }
    return assignment.answeredRequest != request.id
  }
}

extension Assignment {
  /// Stands for an assignment whose removal came before the request that would have made it: that one, when it comes,
  /// finds it over.
  fileprivate static func tombstone(_ request: AccessRequest, at now: Date) -> Assignment {
    Assignment(
      id: request.assignment, tenant: request.tenant, version: 1, state: .expired, target: request.target,
      accessPackage: request.accessPackage, assignmentPolicy: request.assignmentPolicy,
      organization: request.organization, term: Term(), startsAt: nil, deliveredAt: nil, endsAt: nil,
      endReason: request.reasonToEnd, endedAt: now, failure: nil, answeredRequest: nil)
  }
}

extension AccessRequest {
  fileprivate var reasonToEnd: Assignment.EndReason { endReason ?? kind.endReason }
}

extension AccessRequest {
  /// Whether what it does depends on what its package gives.
  fileprivate var dependsOnPackage: Bool { purpose == .add || bringsAnswers }

  fileprivate var bringsAnswers: Bool { update == .answers || update == .policy }
}

extension AccessRequest.Kind {
  fileprivate var endReason: Assignment.EndReason {
    switch self {
    case .userAdd, .userUpdate, .userRemove: .removedByPerson
    case .adminAdd, .adminUpdate, .adminRemove: .removedByAdministrator
    case .systemAdd, .systemUpdate, .systemRemove: .personLeft
    case .approverRemove: .revokedByApprover
    }
  }
}
