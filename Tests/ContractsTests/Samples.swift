import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

let noon = Date(microseconds: 1_800_000_000_123_456)

func uuid(_ number: UInt8) -> UUID {
  UUID(uuid: (0xAB, 0xCD, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number))
}

let annaAsTarget = Target(
  subject: uuid(1), email: "anna@fabrikam.example", displayName: "Anna", isMember: false)

extension AccessRequest {
  static func sample(_ kind: Kind = .userAdd, _ state: State = .delivering, _ status: Status = .delivering)
    -> Self
  {
    AccessRequest(
      id: uuid(2), tenant: uuid(3), version: 7, kind: kind, update: .answers, state: state, status: status,
      target: annaAsTarget,
      requestor: uuid(1), accessPackage: uuid(4), assignmentPolicy: uuid(5), organization: nil,
      assignment: uuid(2), justification: "The spring project", answers: someAnswers, terms: .pending,
      startsAt: noon,
      term: Term(duration: .days(180), latestEnd: noon), createdAt: noon, completedAt: noon)
  }
}

let someAnswers = [
  QuestionAnswer(question: "project", values: ["The spring project"]),
  QuestionAnswer(question: "tools", values: ["tracker", "wiki"]),
]

typealias Configuration = Vestibule_Model_V1_ConfigurationObject

extension Configuration {
  static func sample(_ change: (inout Configuration) -> Void) -> Configuration {
    var object = Configuration()
    (object.id, object.tenant, object.name) = (uuid(9).text, uuid(3).text, "sample")
    change(&object)
    return object
  }

  static let somePolicy = sample { object in
    var policy = Vestibule_Model_V1_AssignmentPolicy()
    (policy.accessPackage, policy.displayName) = (uuid(4).text, "Partners")
    policy.allowedTargetScope = .specificConnectedOrganizationUsers
    policy.specificAllowedTargets = [uuid(6).text]
    policy.expiration.type = .afterDuration
    policy.expiration.duration = "P180D"
    var stage = Vestibule_Model_V1_ApprovalStage()
    stage.durationBeforeAutomaticDenial = "P14D"
    stage.primaryApprovers = [.with { $0.externalSponsors = .init() }]
    stage.fallbackPrimaryApprovers = [.with { $0.singleUser.subject = uuid(7).text }]
    policy.requestApprovalSettings.isApprovalRequiredForAdd = true
    policy.requestApprovalSettings.stages = [stage]
    object.assignmentPolicy = policy
  }

  static let someOrganization = sample {
    $0.connectedOrganization.displayName = "Fabrikam"
    $0.connectedOrganization.identitySources = [.with { $0.domain.domainName = "fabrikam.example" }]
    $0.connectedOrganization.internalSponsors = [uuid(7).text]
  }

  static let someIssuer = sample {
    $0.issuer.issuer = "https://login.example/{tid}/v2.0"
    $0.issuer.audience = "vestibule"
    $0.issuer.subjectClaim = "oid"
    $0.issuer.jwks = #"{"keys": []}"#
  }

  static let someRole = sample {
    $0.roleAssignment.subject = uuid(7).text
    $0.roleAssignment.role = .tenantAdministrator
  }

  static let someCatalog = sample { $0.catalog.displayName = "Partners" }

  static let someResource = sample {
    $0.resource.catalog = uuid(8).text
    $0.resource.displayName = "Spring"
    $0.resource.kind = .group
    ($0.resource.originSystem, $0.resource.originID, $0.resource.roles) = ("directory", "g1", ["member"])
  }

  static let somePackage = sample {
    $0.accessPackage.catalog = uuid(8).text
    $0.accessPackage.displayName = "Spring project"
    $0.accessPackage.resourceRoles = [
      .with {
        ($0.resource, $0.role, $0.originSystem, $0.originID) = (uuid(6).text, "member", "directory", "g1")
      }
    ]
  }

  static let someDomainList = sample {
    $0.domainList.mode = .deny
    $0.domainList.domains = ["x.example"]
  }

  static let someLifecycle = sample {
    $0.lifecycleSettings.externalUserLifecycleAction = .blockSignInAndDelete
    $0.lifecycleSettings.durationUntilExternalUserDeletedAfterBlocked = "P30D"
  }

  static let someTerms = sample {
    ($0.terms.displayName, $0.terms.version, $0.terms.text) = ("Agreement", 1, "Do right.")
    $0.terms.localizations = [.with { ($0.languageCode, $0.text) = ("de", "Tue recht.") }]
  }

  static let someTenantSettings = sample { $0.tenantSettings.displayName = "Contoso" }

  static let all = [
    someTenantSettings, someIssuer, someRole, someCatalog, someResource, somePackage, somePolicy,
    someOrganization, someDomainList, someLifecycle, someTerms,
  ]
}
