import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols

/// Whose signature stands under a policy that lets everybody outside in without approval (decision 15).
enum ApprovalSignature {
  /// The same object, signed. A change that was confirmed was signed by whoever asked for it.
  static func signed(
    _ object: Vestibule_Model_V1_ConfigurationObject, after before: ConfigurationEntry?,
    _ principal: Principal,
    tenant: UUID, at now: Date, _ admission: Admission
  ) throws -> Vestibule_Model_V1_ConfigurationObject {
    guard case .assignmentPolicy(var policy) = object.object, policy.hasApprovalException else {
      return object
    }
    switch admission {
    case .confirmed: return object
    case .judged:
      let exception = try ApprovalException.signed(
        policy.approvalException.reason, after: standing(before), by: Administrator(principal),
        mayAdminister: principal.tenant == tenant && principal.holds(.tenantAdministrator), at: now)
      policy.approvalException = Vestibule_Model_V1_ApprovalException(exception)
    }
    var signed = object
    signed.assignmentPolicy = policy
    return signed
  }

  private static func standing(_ before: ConfigurationEntry?) throws -> ApprovalException? {
    guard let before = before?.object, !before.deleted, before.assignmentPolicy.hasApprovalException else {
      return nil
    }
    return try ApprovalException(before.assignmentPolicy.approvalException)
  }
}
