package import EntitlementModel
package import Foundation
package import Protocols

extension AssignmentPolicy {
  /// `id` is the configuration object's. A policy without requestor settings lets people ask, choose their days, extend and leave.
  package init(_ message: Vestibule_Model_V1_AssignmentPolicy, id: UUID) throws(ContractError) {
    let mayAnything = !message.hasRequestorSettings
    let may = message.requestorSettings
    self.init(
      id: id, accessPackage: try Field.id(message.accessPackage, at: "access_package"),
      displayName: message.displayName, allowedTargets: try AllowedTargets(message),
      isDisabled: message.isDisabled, expiration: try Expiration(message.expiration, at: "expiration"),
      maySelfAdd: mayAnything || may.enableTargetsToSelfAddAccess,
      maySelfUpdate: mayAnything || may.enableTargetsToSelfUpdateAccess,
      maySelfRemove: mayAnything || may.enableTargetsToSelfRemoveAccess,
      onBehalf: try OnBehalf(may, at: "requestor_settings"),
      mayChooseSchedule: mayAnything || may.allowCustomAssignmentSchedule,
      approval: try Approval(message.requestApprovalSettings, at: "request_approval_settings"),
      maximumTotalDuration: try Field.optionalPeriod(
        message.maximumTotalDuration, at: "maximum_total_duration"),
      questions: try Field.each(message.questions, at: "questions") { question throws(ContractError) in
        try Question(question)
      },
      terms: try Field.ids(message.terms, at: "terms"),
      areTermsWaivedForDirectAssignment: message.areTermsWaivedForDirectAssignment)
  }

  package init(_ object: Vestibule_Model_V1_ConfigurationObject) throws(ContractError) {
    guard case .assignmentPolicy(let message) = object.object else { throw object.isNot(.assignmentPolicy) }
    let id = try Field.id(object.id, at: "id")
    do { try self.init(message, id: id) } catch { throw error.within("assignment_policy") }
  }
}

extension OnBehalf {
  fileprivate init(_ message: Vestibule_Model_V1_RequestorSettings, at field: String) throws(ContractError) {
    let requestors: [Requestor]
    do {
      requestors = try Field.each(message.onBehalfRequestors, at: "on_behalf_requestors") {
        set throws(ContractError) in try Requestor(set)
      }
    } catch {
      throw error.within(field)
    }
    self.init(
      requestors: requestors, mayAdd: message.enableOnBehalfRequestorsToAddAccess,
      mayUpdate: message.enableOnBehalfRequestorsToUpdateAccess,
      mayRemove: message.enableOnBehalfRequestorsToRemoveAccess,
      isFirstStage: message.isSponsorSubmissionFirstStage)
  }
}

extension OnBehalf.Requestor {
  fileprivate init(_ message: Vestibule_Model_V1_SubjectSet) throws(ContractError) {
    switch message.members {
    case .singleUser(let user): self = .singleUser(try Field.id(user.subject, at: "single_user.subject"))
    case .internalSponsors: self = .internalSponsors
    case .externalSponsors: self = .externalSponsors
    case .targetManager(let manager):
      guard let level = manager.level else {
        throw Field.outOfRange("target_manager.manager_level", ["1", "2"])
      }
      self = .targetManager(level: level)
    case .groupMembers(let members): self = .groupMembers(members.originID)
    case .requestorManager, .targetUserSponsors, nil:
      throw Field.required("", Vestibule_Model_V1_SubjectSet.requestorKinds)
    }
  }
}

extension AssignmentPolicy.AllowedTargets {
  fileprivate init(_ message: Vestibule_Model_V1_AssignmentPolicy) throws(ContractError) {
    switch message.allowedTargetScope {
    case .notSpecified: self = .notSpecified
    case .specificConnectedOrganizationUsers:
      self = .connectedOrganizations(
        Set(try Field.ids(message.specificAllowedTargets, at: "specific_allowed_targets")))
    case .specificDirectoryUsers:
      self = .subjects(
        Set(try Field.ids(message.specificAllowedTargets, at: "specific_allowed_targets")),
        groups: Set(message.specificAllowedGroups.map(\.originID)))
    case .allMemberUsers: self = .allMembers
    case .allDirectoryUsers: self = .allDirectoryUsers
    case .allConfiguredConnectedOrganizationUsers: self = .allConfiguredConnectedOrganizations
    case .allExternalUsers: self = .allExternalUsers
    case .specificDirectoryServicePrincipals, .allDirectoryServicePrincipals, .UNRECOGNIZED:
      throw Field.outOfRange("allowed_target_scope", Self.names)
    }
  }

  /// The scopes of Graph that are about people.
  static let names = [
    "notSpecified", "specificDirectoryUsers", "specificConnectedOrganizationUsers", "allMemberUsers",
    "allDirectoryUsers", "allConfiguredConnectedOrganizationUsers", "allExternalUsers",
  ]
}

extension AssignmentPolicy.Expiration {
  fileprivate init(_ message: Vestibule_Model_V1_Expiration, at field: String) throws(ContractError) {
    do { try self.init(message) } catch { throw error.within(field) }
  }

  package init(_ message: Vestibule_Model_V1_Expiration) throws(ContractError) {
    switch message.type {
    case .noExpiration: self = .never
    case .afterDateTime:
      self = .at(try Field.instant(message.hasEndDateTime ? message.endDateTime : nil, at: "end_date_time"))
    case .afterDuration: self = .after(try Field.period(message.duration, at: "duration"))
    case .notSpecified: throw Field.required("type", Self.names.joined(separator: ", "))
    case .UNRECOGNIZED: throw Field.outOfRange("type", Self.names)
    }
  }

  static let names = ["noExpiration", "afterDateTime", "afterDuration"]
}
