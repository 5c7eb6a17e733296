import EntitlementModel
import Foundation

/// Noon of the first day of every story; days are counted from there.
let noon = Date(microseconds: 1_800_000_000_000_000)

func day(_ number: Int) -> Date { noon + .days(number) }

func uuid(_ number: UInt8) -> UUID {
  UUID(uuid: (0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number))
}

let (contoso, fabrikam, anna, ben, sponsor) = (uuid(1), uuid(2), uuid(3), uuid(4), uuid(5))
let (package, policy, requestID, assignmentID) = (uuid(6), uuid(7), uuid(8), uuid(9))

let annaAsTarget = Target(subject: anna, email: "anna@fabrikam.example", displayName: "Anna", isMember: false)

extension AccessRequest {
  static func sample(
    _ state: State, _ kind: Kind = .userAdd, status: Status? = nil, startsAt: Date? = nil,
    term: Term = Term(duration: .days(180)), assignment: UUID = requestID,
    id: UUID = requestID, update: Update? = nil, createdAt: Date = noon
  ) -> AccessRequest {
    AccessRequest(
      id: id, tenant: contoso, version: 1, kind: kind, update: update, state: state,
      status: status ?? .usual(for: state),
      target: annaAsTarget, requestor: anna, accessPackage: package, assignmentPolicy: policy,
      organization: fabrikam, assignment: assignment, justification: "The spring project", startsAt: startsAt,
      term: term, createdAt: createdAt, completedAt: nil)
  }
}

extension AccessRequest.Status {
  static func usual(for state: AccessRequest.State) -> Self {
    switch state {
    case .pendingApproval: .pendingApproval
    case .scheduled: .pendingNotBefore
    case .delivering: .delivering
    case .partiallyDelivered: .partiallyDelivered
    case .delivered: .delivered
    case .deliveryFailed: .deliveryFailed
    case .denied: .denied
    case .canceled: .canceled
    }
  }
}

extension Assignment {
  static func sample(
    _ state: State, term: Term = Term(duration: .days(180)), startsAt: Date? = nil, deliveredAt: Date? = nil,
    endsAt: Date? = nil, endReason: EndReason? = nil, failure: Failure? = nil, answeredRequest: UUID? = nil
  ) -> Assignment {
    Assignment(
      id: assignmentID, tenant: contoso, version: 1, state: state, target: annaAsTarget,
      accessPackage: package,
      assignmentPolicy: policy, organization: fabrikam, term: term, startsAt: startsAt,
      deliveredAt: deliveredAt,
      endsAt: endsAt, endReason: endReason, endedAt: nil, failure: failure, answeredRequest: answeredRequest)
  }
}

extension AssignmentPolicy {
  static func sample(
    _ number: UInt8 = 7, for targets: AllowedTargets = .connectedOrganizations([fabrikam]),
    isDisabled: Bool = false, expiration: Expiration = .after(.days(180)), maySelfAdd: Bool = true,
    maySelfUpdate: Bool = true, maximumTotalDuration: Period? = nil
  ) -> AssignmentPolicy {
    AssignmentPolicy(
      id: uuid(number), accessPackage: package, displayName: "Partners", allowedTargets: targets,
      isDisabled: isDisabled, expiration: expiration, maySelfAdd: maySelfAdd, maySelfUpdate: maySelfUpdate,
      approval: .none, maximumTotalDuration: maximumTotalDuration)
  }
}

extension ConnectedOrganization {
  static func sample(
    _ state: State = .configured, sources: [IdentitySource] = [], internalSponsors: [UUID] = [],
    externalSponsors: [UUID] = [], contractEnd: Date? = nil, guestLimit: Int? = nil
  ) -> ConnectedOrganization {
    ConnectedOrganization(
      id: fabrikam, displayName: "Fabrikam", state: state, identitySources: sources,
      internalSponsors: internalSponsors, externalSponsors: externalSponsors, contractEnd: contractEnd,
      guestLimit: guestLimit)
  }
}

extension Subject {
  static func sample(
    _ kind: Kind = .external, email: String = "anna@fabrikam.example", bar: Bar? = nil, leftAt: Date? = nil
  ) -> Subject {
    Subject(
      id: anna, tenant: contoso, email: email, displayName: "Anna", kind: kind, identities: [],
      organization: fabrikam, bar: bar, leftAt: leftAt)
  }
}

func due(_ instant: Date, version: Int = 1) -> Due {
  Due(aggregate: requestID, version: version, at: instant)
}
