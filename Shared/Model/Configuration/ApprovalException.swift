package import Foundation

/// Why a policy for everybody outside asks nobody for approval: a tenant administrator answers for it (decision 15).
package struct ApprovalException: Sendable, Hashable {
  package let reason: String
  package let signedBy: Administrator
  package let signedAt: Date

  package init(reason: String, signedBy: Administrator, signedAt: Date) {
    (self.reason, self.signedBy, self.signedAt) = (reason, signedBy, signedAt)
  }

  /// Whoever saves a policy signs the exception that it gives a new reason for; one that stands keeps its signature.
  ///
  /// - Parameter mayAdminister: whether they are an administrator of the tenant.
  /// - Throws: `forbidden`.
  package static func signed(
    _ reason: String, after standing: ApprovalException?, by administrator: Administrator,
    mayAdminister: Bool, at now: Date
  ) throws(Refusal) -> ApprovalException {
    if let standing, standing.reason == reason { return standing }
    guard mayAdminister else {
      throw Refusal(
        .forbidden,
        "Letting everybody outside in without approval takes the signature of an administrator of the tenant.",
        field: "assignment_policy.approval_exception", hint: "tenantAdministrator")
    }
    return ApprovalException(reason: reason, signedBy: administrator, signedAt: now)
  }
}
