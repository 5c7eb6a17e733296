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
      for index in package.incompatibleGroups.indices { change(&package.incompatibleGroups[index]) }
      object = .accessPackage(package)
    case .assignmentPolicy(var policy):
      for index in policy.specificAllowedGroups.indices { change(&policy.specificAllowedGroups[index]) }
      for index in policy.requestApprovalSettings.stages.indices {
        policy.requestApprovalSettings.stages[index].mapGroups(change)
      }
      object = .assignmentPolicy(policy)
    case .tenantSettings, .issuer, .roleAssignment, .catalog, .resource, .connectedOrganization, .domainList,
      .lifecycleSettings, .terms, nil:
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
      for index in self[keyPath: sets].indices {
        guard case .groupMembers(var members) = self[keyPath: sets][index].members else { continue }
        change(&members)
        self[keyPath: sets][index].members = .groupMembers(members)
      }
    }
  }
}
