package import Protocols

extension Vestibule_Model_V1_ConfigurationObject {
  /// The groups of the built-in directory that it names for who is in them.
  package var groupReferences: [Vestibule_Model_V1_GroupMembers] {
    var found: [Vestibule_Model_V1_GroupMembers] = []
    var copy = self
    copy.mapGroups { found.append($0) }
    return found
  }

  /// Changes every naming of a group.
  package mutating func mapGroups(_ change: (inout Vestibule_Model_V1_GroupMembers) -> Void) {
    switch object {
    case .accessPackage(var package):
      for index in package.incompatibleGroups.indices {
        change(&package.incompatibleGroups[index].members)
      }
      object = .accessPackage(package)
    case .assignmentPolicy(var policy):
      for index in policy.specificAllowedGroups.indices { change(&policy.specificAllowedGroups[index]) }
      for index in policy.requestApprovalSettings.stages.indices {
        policy.requestApprovalSettings.stages[index].mapGroups(change)
      }
      if policy.hasRequestorSettings { policy.requestorSettings.onBehalfRequestors.mapGroups(change) }
      object = .assignmentPolicy(policy)
    case .connectedOrganization(var organization):
      for index in organization.internalSponsorGroups.indices {
        change(&organization.internalSponsorGroups[index])
      }
      for index in organization.externalSponsorGroups.indices {
        change(&organization.externalSponsorGroups[index])
      }
      object = .connectedOrganization(organization)
    case .tenantSettings, .issuer, .roleAssignment, .catalog, .resource, .domainList, .lifecycleSettings,
      .terms, nil:
      break
    }
  }
}

extension Vestibule_Model_V1_ApprovalStage {
  fileprivate mutating func mapGroups(_ change: (inout Vestibule_Model_V1_GroupMembers) -> Void) {
    for sets in [
      \Self.primaryApprovers, \Self.fallbackPrimaryApprovers, \Self.escalationApprovers,
      \Self.fallbackEscalationApprovers,
    ] {
      self[keyPath: sets].mapGroups(change)
    }
  }
}

extension [Vestibule_Model_V1_SubjectSet] {
  fileprivate mutating func mapGroups(_ change: (inout Vestibule_Model_V1_GroupMembers) -> Void) {
    for index in indices {
      guard case .groupMembers(var members) = self[index].members else { continue }
      change(&members)
      self[index].members = .groupMembers(members)
    }
  }
}

extension Vestibule_Model_V1_IncompatibleGroup {
  fileprivate var members: Vestibule_Model_V1_GroupMembers {
    get {
      var members = Vestibule_Model_V1_GroupMembers()
      (members.group, members.originID) = (group, originID)
      return members
    }
    set { (group, originID) = (newValue.group, newValue.originID) }
  }
}
