package import EntitlementModel
package import Protocols

extension AccessRequest.Kind {
  package init(_ message: Vestibule_Model_V1_Request.RequestType) throws(ContractError) {
    switch message {
    case .userAdd: self = .userAdd
    case .userUpdate: self = .userUpdate
    case .userRemove: self = .userRemove
    case .adminAdd: self = .adminAdd
    case .adminUpdate: self = .adminUpdate
    case .adminRemove: self = .adminRemove
    case .systemAdd: self = .systemAdd
    case .systemUpdate: self = .systemUpdate
    case .systemRemove: self = .systemRemove
    case .approverRemove: self = .approverRemove
    case .notSpecified: throw Field.required("request_type", "userAdd, userUpdate …")
    case .UNRECOGNIZED: throw Field.outOfRange("request_type", Self.allCases.map(\.rawValue))
    }
  }
}

extension Vestibule_Model_V1_Request.RequestType {
  package init(_ kind: AccessRequest.Kind) {
    switch kind {
    case .userAdd: self = .userAdd
    case .userUpdate: self = .userUpdate
    case .userRemove: self = .userRemove
    case .adminAdd: self = .adminAdd
    case .adminUpdate: self = .adminUpdate
    case .adminRemove: self = .adminRemove
    case .systemAdd: self = .systemAdd
    case .systemUpdate: self = .systemUpdate
    case .systemRemove: self = .systemRemove
    case .approverRemove: self = .approverRemove
    }
  }
}

extension AccessRequest.State {
  package init(_ message: Vestibule_Model_V1_Request.State) throws(ContractError) {
    switch message {
    case .pendingApproval: self = .pendingApproval
    case .scheduled: self = .scheduled
    case .delivering: self = .delivering
    case .partiallyDelivered: self = .partiallyDelivered
    case .delivered: self = .delivered
    case .deliveryFailed: self = .deliveryFailed
    case .denied: self = .denied
    case .canceled: self = .canceled
    case .submitted, .UNRECOGNIZED: throw Field.outOfRange("state", Self.allCases.map(\.rawValue))
    }
  }
}

extension Vestibule_Model_V1_Request.State {
  package init(_ state: AccessRequest.State) {
    switch state {
    case .pendingApproval: self = .pendingApproval
    case .scheduled: self = .scheduled
    case .delivering: self = .delivering
    case .partiallyDelivered: self = .partiallyDelivered
    case .delivered: self = .delivered
    case .deliveryFailed: self = .deliveryFailed
    case .denied: self = .denied
    case .canceled: self = .canceled
    }
  }
}

extension TermsAcceptance {
  /// Nil where none are demanded.
  init?(_ message: Vestibule_Model_V1_Request.TermsAcceptance) throws(ContractError) {
    switch message {
    case .noTerms: return nil
    case .accepted: self = .accepted
    case .pending: self = .pending
    case .exempt: self = .exempt
    case .UNRECOGNIZED: throw Field.outOfRange("terms_acceptance", Self.allCases.map(\.rawValue))
    }
  }
}

extension Vestibule_Model_V1_Request.TermsAcceptance {
  init(_ acceptance: TermsAcceptance?) {
    switch acceptance {
    case nil: self = .noTerms
    case .accepted: self = .accepted
    case .pending: self = .pending
    case .exempt: self = .exempt
    }
  }
}

extension AccessRequest.Update {
  /// Nil where it is not said.
  init?(_ message: Vestibule_Model_V1_Request.Update) throws(ContractError) {
    switch message {
    case .notAnUpdate: return nil
    case .newSchedule: self = .schedule
    case .newAnswers: self = .answers
    case .newPolicy: self = .policy
    case .UNRECOGNIZED: throw Field.outOfRange("update", Self.allCases.map(\.rawValue))
    }
  }
}

extension Vestibule_Model_V1_Request.Update {
  init(_ update: AccessRequest.Update?) {
    switch update {
    case nil: self = .notAnUpdate
    case .schedule: self = .newSchedule
    case .answers: self = .newAnswers
    case .policy: self = .newPolicy
    }
  }
}

extension AccessRequest.Status {
  fileprivate static func unknown() -> ContractError { Field.outOfRange("status", allCases.map(\.rawValue)) }

  init(text: String) throws(ContractError) {
    guard let status = Self(rawValue: text) else { throw Self.unknown() }
    self = status
  }
}
