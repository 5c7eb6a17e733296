package import EntitlementModel
package import Protocols

extension LifecycleSettings {
  /// Settings that name no delay keep the standard one.
  package init(_ message: Vestibule_Model_V1_LifecycleSettings) throws(ContractError) {
    let delay = try Field.optionalPeriod(
      message.durationUntilExternalUserDeletedAfterBlocked,
      at: "duration_until_external_user_deleted_after_blocked")
    self.init(
      action: try Action(message.externalUserLifecycleAction),
      deletionDelay: delay ?? LifecycleSettings.standard.deletionDelay)
  }

  package init(_ object: Vestibule_Model_V1_ConfigurationObject) throws(ContractError) {
    guard case .lifecycleSettings(let message) = object.object else { throw object.isNot(.lifecycleSettings) }
    do { try self.init(message) } catch { throw error.within("lifecycle_settings") }
  }
}

extension LifecycleSettings.Action {
  package init(
    _ message: Vestibule_Model_V1_LifecycleSettings.ExternalUserLifecycleAction
  ) throws(ContractError) {
    switch message {
    case .none: self = .none
    case .blockSignIn: self = .blockSignIn
    case .blockSignInAndDelete: self = .blockSignInAndDelete
    case .UNRECOGNIZED:
      throw Field.outOfRange(
        "external_user_lifecycle_action", ["none", "blockSignIn", "blockSignInAndDelete"])
    }
  }
}
