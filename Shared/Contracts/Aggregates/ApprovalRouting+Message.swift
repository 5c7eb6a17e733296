package import EntitlementModel
package import Protocols
import SwiftProtobuf

extension Vestibule_Model_V1_ApprovalRouting {
  /// The whole public state; `epoch` is that of the schema which owns it.
  package init(_ routing: ApprovalRouting, epoch: Int) {
    self.init()
    (id, tenant) = (routing.id.text, routing.tenant.text)
    version = Vestibule_Model_V1_Version(epoch: epoch, number: routing.version)
    state =
      switch routing.state {
      case .open: .open
      case .resolved: .resolved
      }
    (accessPackage, assignmentPolicy) = (routing.accessPackage.text, routing.assignmentPolicy.text)
    organization = routing.organization?.text ?? ""
    gaps = routing.finding.gaps.map { gap in
      .with { ($0.stage, $0.absences) = (Int32(gap.stage + 1), gap.absences.map(\.rawValue)) }
    }
    routedTo =
      switch routing.finding.routedTo {
      case .catalogOwners: .catalogOwners
      case .tenantAdministrators: .tenantAdministrators
      }
    (recipients, actions) = (routing.finding.recipients.map(\.text), routing.finding.actions.map(Action.init))
    (waiting, openedAt) = (Int64(routing.waiting), Google_Protobuf_Timestamp(routing.openedAt))
    if let end = routing.resolvedAt { resolvedAt = Google_Protobuf_Timestamp(end) }
  }
}

extension Vestibule_Model_V1_ApprovalRouting.Action {
  fileprivate init(_ action: ApprovalRouting.Action) {
    self =
      switch action {
      case .nameSponsor: .nameSponsor
      case .reassign: .reassign
      case .deny: .deny
      case .approve: .approve
      }
  }
}

extension ApprovalRouting {
  package init(_ message: Vestibule_Model_V1_ApprovalRouting) throws(ContractError) {
    self.init(
      id: try Field.id(message.id, at: "id"), tenant: try Field.id(message.tenant, at: "tenant"),
      version: Int(message.version.number), state: try State(message.state),
      accessPackage: try Field.id(message.accessPackage, at: "access_package"),
      assignmentPolicy: try Field.id(message.assignmentPolicy, at: "assignment_policy"),
      organization: try Field.optionalID(message.organization, at: "organization"),
      finding: try Finding(message), waiting: Int(message.waiting),
      openedAt: try Field.instant(message.hasOpenedAt ? message.openedAt : nil, at: "opened_at"),
      resolvedAt: try Field.optionalInstant(
        message.hasResolvedAt ? message.resolvedAt : nil, at: "resolved_at"))
  }
}

extension ApprovalRouting.State {
  fileprivate init(_ message: Vestibule_Model_V1_ApprovalRouting.State) throws(ContractError) {
    switch message {
    case .open: self = .open
    case .resolved: self = .resolved
    case .UNRECOGNIZED: throw Field.outOfRange("state", Self.allCases.map(\.rawValue))
    }
  }
}

extension ApprovalRouting.Finding {
  fileprivate init(_ message: Vestibule_Model_V1_ApprovalRouting) throws(ContractError) {
    self.init(
      gaps: message.gaps.map { gap in
        ApprovalRouting.Gap(
          stage: Int(gap.stage) - 1, absences: gap.absences.compactMap(ApproverAbsence.init(rawValue:)))
      },
      routedTo: try ApprovalRouting.Recipients(message.routedTo),
      recipients: try Field.ids(message.recipients, at: "recipients"),
      actions: try Field.each(message.actions, at: "actions") { action throws(ContractError) in
        try ApprovalRouting.Action(action)
      })
  }
}

extension ApprovalRouting.Recipients {
  fileprivate init(_ message: Vestibule_Model_V1_ApprovalRouting.Recipients) throws(ContractError) {
    switch message {
    case .catalogOwners: self = .catalogOwners
    case .tenantAdministrators: self = .tenantAdministrators
    case .notSpecified, .UNRECOGNIZED: throw Field.outOfRange("routed_to", Self.allCases.map(\.rawValue))
    }
  }
}

extension ApprovalRouting.Action {
  fileprivate init(_ message: Vestibule_Model_V1_ApprovalRouting.Action) throws(ContractError) {
    switch message {
    case .nameSponsor: self = .nameSponsor
    case .reassign: self = .reassign
    case .deny: self = .deny
    case .approve: self = .approve
    case .nothing, .UNRECOGNIZED: throw Field.outOfRange("", Self.allCases.map(\.rawValue))
    }
  }
}
