package import EntitlementModel
package import Protocols

extension Assignment.State {
  package init(_ message: Vestibule_Model_V1_Assignment.State) throws(ContractError) {
    switch message {
    case .delivering: self = .delivering
    case .partiallyDelivered: self = .partiallyDelivered
    case .delivered: self = .delivered
    case .deliveryFailed: self = .deliveryFailed
    case .removing: self = .removing
    case .expired: self = .expired
    case .UNRECOGNIZED: throw Field.outOfRange("state", Self.allCases.map(\.rawValue))
    }
  }
}

extension Vestibule_Model_V1_Assignment.State {
  package init(_ state: Assignment.State) {
    switch state {
    case .delivering: self = .delivering
    case .partiallyDelivered: self = .partiallyDelivered
    case .delivered: self = .delivered
    case .deliveryFailed: self = .deliveryFailed
    case .removing: self = .removing
    case .expired: self = .expired
    }
  }
}

extension Assignment.EndReason {
  /// Nil for an assignment that has no end reason yet.
  package static func read(
    _ message: Vestibule_Model_V1_Assignment.EndReason
  ) throws(ContractError) -> Assignment.EndReason? {
    switch message {
    case .none: nil
    case .timeUp: .timeUp
    case .removedByPerson: .removedByPerson
    case .removedByAdministrator: .removedByAdministrator
    case .revokedByApprover: .revokedByApprover
    case .deliveryLapsed: .deliveryLapsed
    case .personLeft: .personLeft
    case .organizationEnded: .organizationEnded
    case .heldTwice: .heldTwice
    case .UNRECOGNIZED: throw Field.outOfRange("end_reason", allCases.map(\.rawValue))
    }
  }

  /// Nil for an empty word.
  init?(text: String) throws(ContractError) {
    if text.isEmpty { return nil }
    guard let reason = Self(rawValue: text) else {
      throw Field.outOfRange("end_reason", Self.allCases.map(\.rawValue))
    }
    self = reason
  }
}

extension Vestibule_Model_V1_Assignment.EndReason {
  package init(_ reason: Assignment.EndReason?) {
    switch reason {
    case nil: self = .none
    case .timeUp: self = .timeUp
    case .removedByPerson: self = .removedByPerson
    case .removedByAdministrator: self = .removedByAdministrator
    case .revokedByApprover: self = .revokedByApprover
    case .deliveryLapsed: self = .deliveryLapsed
    case .personLeft: self = .personLeft
    case .organizationEnded: self = .organizationEnded
    case .heldTwice: self = .heldTwice
    }
  }
}

extension Assignment.Failure {
  fileprivate var sentence: String {
    switch self {
    case .domainDenied: "People of this e-mail domain may not become guests here."
    case .endPassed: "The end that was asked for had passed before delivery."
    case .resourceMissing: "A resource of the package no longer exists at its origin."
    case .connectorRefused: "The connector refused a role."
    case .connectorUnavailable: "The connector could not be reached."
    case .approvalLapsed: "Delivery took so long that the approval has lapsed."
    case .subjectBarred: "This person is barred."
    }
  }

  init(code: String) throws(ContractError) {
    guard let failure = Self(rawValue: code) else {
      throw Field.outOfRange("failure.code", Self.allCases.map(\.rawValue))
    }
    self = failure
  }
}

extension Vestibule_Model_V1_Reason {
  init(_ failure: Assignment.Failure) {
    self.init()
    (code, message) = (failure.rawValue, failure.sentence)
  }
}
