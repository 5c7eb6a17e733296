import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@Suite("What is not stored")
struct ValidationTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let (object, field, code): (Configuration, String, Reason.Code)
    var testDescription: String { "\(object.kind.text) \(field): \(code)" }

    init(
      _ object: Configuration, _ field: String, _ code: Reason.Code, change: (inout Configuration) -> Void
    ) {
      var changed = object
      change(&changed)
      (self.object, self.field, self.code) = (changed, field, code)
    }
  }

  static let domains = (0...10_000).map { "d\($0).example" }
  static let long = String(repeating: "x", count: 4_001)

  static let objects: [Row] = [
    Row(.someCatalog, "id", .malformed) { $0.id = "x" },
    Row(.someCatalog, "tenant", .required) { $0.tenant = "" },
    Row(.someCatalog, "name", .required) { $0.name = "" },
    Row(.someCatalog, "name", .malformed) { $0.name = "Partners" },
    Row(.someCatalog, "name", .malformed) { $0.name = "-partners" },
    Row(.someCatalog, "name", .malformed) { $0.name = String(repeating: "x", count: 64) },
    Row(.someCatalog, "object", .required) { $0.object = nil },
    Row(.someCatalog, "catalog.display_name", .required) { $0.catalog.displayName = "" },
    Row(.someCatalog, "catalog.display_name", .tooLong) { $0.catalog.displayName = long },
    Row(.someCatalog, "catalog.description", .tooLong) { $0.catalog.description_p = long },
    Row(.someTenantSettings, "tenant_settings.time_zone", .malformed) {
      $0.tenantSettings.timeZone = "Mars/Olympus"
    },
    Row(.someTenantSettings, "tenant_settings.public_mail_domains", .tooManyItems) {
      $0.tenantSettings.publicMailDomains = Self.domains
    },
    Row(.someDomainList, "domain_list.domains", .tooManyItems) { $0.domainList.domains = Self.domains },
    Row(.someResource, "resource.roles", .tooManyItems) {
      $0.resource.roles = (0...5_000).map { "role\($0)" }
    },
    Row(.somePackage, "access_package.resource_roles", .tooManyItems) { object in
      object.accessPackage.resourceRoles = (0...1_000).map { number in
        .with { ($0.resource, $0.role) = (uuid(7).text, "role\(number)") }
      }
    },
    Row(.somePackage, "access_package.incompatible_access_packages", .tooManyItems) { object in
      object.accessPackage.incompatibleAccessPackages = (0...1_000).map { number in
        .with { $0.accessPackage = UUID().text }
      }
    },
    Row(
      .somePackage, "access_package.incompatible_access_packages[0].exceptions", .tooManyItems
    ) { object in
      let exceptions = (0...1_000).map { _ in
        Vestibule_Model_V1_SeparationException.with {
          ($0.subject, $0.reason, $0.endDateTime) = (UUID().text, "Audit", .init(seconds: 1_800_000_000))
        }
      }
      object.accessPackage.incompatibleAccessPackages = [
        .with { ($0.accessPackage, $0.exceptions) = (UUID().text, exceptions) }
      ]
    },
    Row(.someOrganization, "connected_organization.identity_sources", .tooManyItems) { object in
      object.connectedOrganization.identitySources = (0...1_000).map { number in
        .with { $0.domain.domainName = "d\(number).example" }
      }
    },
    Row(.someResource, "resource.kind", .required) { $0.resource.kind = .notSpecified },
    Row(.someResource, "resource.roles", .required) { $0.resource.roles = [] },
    Row(.someResource, "resource.roles[1]", .malformed) { $0.resource.roles = ["member", "member"] },
    Row(
      .somePackage, "access_package.incompatible_access_packages[0].access_package", .outOfRange
    ) { object in
      object.accessPackage.incompatibleAccessPackages = [.with { $0.accessPackage = object.id }]
    },
    Row(.somePackage, "access_package.resource_roles[0].resource", .malformed) {
      $0.accessPackage.resourceRoles[0].resource = "x"
    },
    Row(.someLifecycle, "lifecycle_settings.duration_until_external_user_deleted_after_blocked", .outOfRange)
    {
      $0.lifecycleSettings.durationUntilExternalUserDeletedAfterBlocked = "P3661D"
    },
    Row(.someDomainList, "domain_list.domains[0]", .malformed) { $0.domainList.domains = ["x"] },
    Row(.someOrganization, "connected_organization.guest_limit", .outOfRange) {
      $0.connectedOrganization.guestLimit = -1
    },
    Row(.someOrganization, "connected_organization.internal_sponsors[1]", .malformed) {
      $0.connectedOrganization.internalSponsors.append(uuid(7).text)
    },
    Row(.someRole, "role_assignment.catalog", .required) { $0.roleAssignment.role = .catalogOwner },
    Row(.someRole, "role_assignment.role", .required) { $0.roleAssignment.role = .notSpecified },
  ]

  static let issuers: [Row] = [
    Row(.someIssuer, "issuer.issuer", .malformed) { $0.issuer.issuer = "http://login.example" },
    Row(.someIssuer, "issuer.audience", .required) { $0.issuer.audience = "" },
    Row(.someIssuer, "issuer.subject_claim", .outOfRange) { $0.issuer.subjectClaim = "email" },
    Row(.someIssuer, "issuer.keys", .required) { $0.issuer.keys = nil },
    Row(.someIssuer, "issuer.jwks", .malformed) { $0.issuer.jwks = "{}" },
    Row(.someIssuer, "issuer.jwks_url", .malformed) { $0.issuer.jwksURL = "ftp://x.example" },
    Row(.someIssuer, "issuer.mapped_roles[admin]", .outOfRange) {
      $0.issuer.mappedRoles = ["admin": "operator"]
    },
    Row(.someIssuer, "issuer.mapped_roles", .outOfRange) {
      $0.issuer.organization = uuid(6).text
      $0.issuer.mappedRoles = ["admin": "tenantAdministrator"]
    },
  ]

  static let policies: [Row] = [
    policy("specific_allowed_targets", .required) { $0.specificAllowedTargets = [] },
    policy("allowed_target_scope", .outOfRange) {
      $0.allowedTargetScope = .specificDirectoryServicePrincipals
    },
    policy("expiration.type", .required) { $0.expiration = .init() },
    policy("expiration.duration", .outOfRange) { $0.expiration.duration = "PT0S" },
    policy("expiration.end_date_time", .required) {
      ($0.expiration.type, $0.expiration.duration) = (.afterDateTime, "")
    },
    policy("expiration.duration", .outOfRange) { $0.expiration.type = .noExpiration },
    policy("maximum_total_duration", .malformed) { $0.maximumTotalDuration = "x" },
    policy("questions", .tooManyItems) { policy in
      policy.questions = (0...20).map { number in .line("q\(number)") }
    },
    policy("questions[1]", .malformed) { $0.questions = [.line("q"), .line("q")] },
    policy("questions[0].id", .malformed) { $0.questions = [.line("Project?")] },
    policy("questions[0].text", .required) { $0.questions = [.line("q", text: "")] },
    policy("questions[0].kind", .required) { $0.questions = [.line("q") { $0.kind = nil }] },
    policy("questions[0].text_input.regex_pattern", .malformed) {
      $0.questions = [.line("q") { $0.textInput.regexPattern = "(a+)+" }]
    },
    policy("questions[0].localizations[0].language_code", .malformed) {
      $0.questions = [
        .line("q") { $0.localizations = [.with { ($0.languageCode, $0.text) = ("d", "Was?") }] }
      ]
    },
    policy("questions[0].multiple_choice.choices", .required) {
      $0.questions = [.line("q") { $0.multipleChoice = .init() }]
    },
    policy("request_approval_settings.is_approval_required_for_add", .required) {
      ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allExternalUsers, [])
      $0.clearRequestApprovalSettings()
    },
    policy("approval_exception", .outOfRange) { $0.approvalException.reason = "Known to us" },
    policy("approval_exception.reason", .required) {
      ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allExternalUsers, [])
      $0.clearRequestApprovalSettings()
      $0.approvalException.reason = " "
    },
    policy("request_approval_settings.stages", .required) { $0.requestApprovalSettings.stages = [] },
    policy("request_approval_settings.stages", .outOfRange) {
      $0.requestApprovalSettings.isApprovalRequiredForAdd = false
    },
    policy("request_approval_settings.administrators_may_decide", .outOfRange) {
      $0.requestApprovalSettings = .with { $0.administratorsMayDecide = true }
    },
    stage("", .tooManyItems) { $0 = Array(repeating: $0[0], count: 4) },
    stage("[0].approvals_required", .outOfRange) { $0[0].approvalsRequired = 101 },
    stage("[0].approvals_required", .outOfRange) {
      $0[0].primaryApprovers = [.with { $0.singleUser.subject = uuid(9).text }]
      $0[0].approvalsRequired = 2
    },
    stage("[0].duration_before_escalation", .outOfRange) { $0[0].durationBeforeEscalation = "P1D" },
    stage("[0].escalation_approvers", .outOfRange) { $0[0].escalationApprovers = $0[0].primaryApprovers },
    stage("[0].duration_before_escalation", .outOfRange) {
      $0[0].escalate(after: $0[0].durationBeforeAutomaticDenial)
    },
    stage("[0].duration_before_escalation", .malformed) { $0[0].escalate(after: "soon") },
    stage("[0].escalation_approvers", .required) {
      $0[0].escalate(after: "P1D")
      $0[0].escalationApprovers = []
    },
    stage("[0].fallback_escalation_approvers", .required) {
      $0[0].escalate(after: "P1D")
      $0[0].escalationApprovers = [.with { $0.internalSponsors = .init() }]
    },
    stage("[0].duration_before_automatic_denial", .outOfRange) {
      $0[0].durationBeforeAutomaticDenial = "PT59S"
    },
    stage("[0].duration_before_automatic_denial", .outOfRange) {
      $0[0].durationBeforeAutomaticDenial = "P181D"
    },
    stage("[0].primary_approvers", .required) { $0[0].primaryApprovers = [] },
    stage("[0].fallback_primary_approvers", .required) { $0[0].fallbackPrimaryApprovers = [] },
    stage("[0].primary_approvers", .tooManyItems) {
      $0[0].primaryApprovers = (0...100).map { number in
        .with { $0.singleUser.subject = uuid(UInt8(number)).text }
      }
    },
    stage("[0].primary_approvers", .tooManyItems) {
      $0[0].primaryApprovers = (0..<60).map { number in
        .with { $0.singleUser.subject = uuid(UInt8(number)).text }
      }
      $0[0].fallbackPrimaryApprovers = (60..<101).map { number in
        .with { $0.singleUser.subject = uuid(UInt8(number)).text }
      }
    },
    stage("[0].approvals_required", .outOfRange) {
      $0[0].primaryApprovers = Array(repeating: .with { $0.singleUser.subject = uuid(9).text }, count: 2)
      $0[0].approvalsRequired = 2
    },
    stage("[0].duration_before_escalation", .outOfRange) {
      $0[0].durationBeforeAutomaticDenial = "P29D"
      $0[0].escalate(after: "P1M")
    },
    stage("[0].primary_approvers[0]", .outOfRange) {
      $0[0].primaryApprovers = [.with { $0.requestorManager = .init() }]
    },
    stage("[0].escalation_approvers[0]", .outOfRange) {
      $0[0].escalate(after: "P1D")
      $0[0].escalationApprovers = [.with { $0.requestorManager.managerLevel = 2 }]
      $0[0].fallbackEscalationApprovers = $0[0].fallbackPrimaryApprovers
    },
    stage("[0].fallback_primary_approvers", .required) {
      $0[0].primaryApprovers = [.with { $0.targetUserSponsors = .init() }]
      $0[0].fallbackPrimaryApprovers = []
    },
    policy(
      "request_approval_settings.stages[0].primary_approvers[0].requestor_manager.manager_level", .outOfRange
    ) {
      ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allMemberUsers, [])
      $0.requestApprovalSettings.stages[0].primaryApprovers = [.with { $0.requestorManager.managerLevel = 3 }]
    },
    policy("request_approval_settings.stages[0].fallback_primary_approvers", .required) {
      ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allMemberUsers, [])
      $0.requestApprovalSettings.stages[0].primaryApprovers = [.with { $0.requestorManager = .init() }]
      $0.requestApprovalSettings.stages[0].fallbackPrimaryApprovers = []
    },
    stage("[0].fallback_primary_approvers[0].group_members.group", .malformed) {
      $0[0].fallbackPrimaryApprovers = [.with { $0.groupMembers.group = "x" }]
    },
    policy("specific_allowed_groups", .outOfRange) {
      $0.specificAllowedGroups = [.with { $0.group = uuid(9).text }]
    },
    Row(.somePackage, "access_package.incompatible_groups[1]", .malformed) {
      $0.accessPackage.incompatibleGroups = [
        .with { $0.group = uuid(9).text }, .with { $0.group = uuid(9).text },
      ]
    },
    stage("[0].primary_approvers[0]", .required) { $0[0].primaryApprovers = [.init()] },
    stage("[0].primary_approvers[0]", .outOfRange) {
      $0[0].primaryApprovers = [.with { $0.targetManager = .init() }]
    },
    policy("requestor_settings.on_behalf_requestors[0]", .outOfRange) {
      $0.letAsk { $0.targetManager = .init() }
    },
    policy("requestor_settings.on_behalf_requestors[0]", .outOfRange) {
      $0.letAsk { $0.requestorManager = .init() }
    },
    policy("requestor_settings.on_behalf_requestors[0].target_manager.manager_level", .outOfRange) {
      ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allMemberUsers, [])
      $0.letAsk { $0.targetManager.managerLevel = 3 }
    },
    policy("requestor_settings.on_behalf_requestors[0].group_members.group", .malformed) {
      $0.letAsk { $0.groupMembers.group = "x" }
    },
  ]

  private static func policy(
    _ field: String, _ code: Reason.Code, change: (inout Vestibule_Model_V1_AssignmentPolicy) -> Void
  ) -> Row {
    Row(.somePolicy, "assignment_policy.\(field)", code) { change(&$0.assignmentPolicy) }
  }

  /// Decision 13's rules of a stage.
  private static func stage(
    _ field: String, _ code: Reason.Code, change: (inout [Vestibule_Model_V1_ApprovalStage]) -> Void
  ) -> Row {
    policy("request_approval_settings.stages\(field)", code) { change(&$0.requestApprovalSettings.stages) }
  }

  @Test("A failing check names its field", arguments: [objects, issuers, policies].flatMap(\.self))
  func refuses(row: Row) {
    let refusal = #expect(throws: Refusal.self) { try row.object.validate() }
    let reasons = (refusal?.reasons ?? []).map { "\($0.field): \($0.code)" }
    #expect(reasons == ["\(row.field): \(row.code)"])
  }

  @Test("Decision 8: every check that fails is told")
  func tellsAll() {
    var object = Configuration.someCatalog
    (object.name, object.catalog.displayName) = ("", "")
    let refusal = #expect(throws: Refusal.self) { try object.validate() }
    #expect(refusal?.reasons.map(\.field) == ["name", "catalog.display_name"])
  }

  @Test(
    "http is trusted on loopback alone",
    arguments: ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"])
  func loopback(url: String) throws {
    var object = Configuration.someIssuer
    object.issuer.issuer = url
    try object.validate()
    object.issuer.issuer = "http://127.example"
    #expect(throws: Refusal.self) { try object.validate() }
  }
}

extension Vestibule_Model_V1_ApprovalStage {
  fileprivate mutating func escalate(after wait: String) {
    (isEscalationEnabled, durationBeforeEscalation) = (true, wait)
    escalationApprovers = [.with { $0.singleUser.subject = uuid(9).text }]
  }
}

extension Vestibule_Model_V1_AssignmentPolicy {
  fileprivate mutating func letAsk(_ requestor: (inout Vestibule_Model_V1_SubjectSet) -> Void) {
    requestorSettings.enableOnBehalfRequestorsToAddAccess = true
    requestorSettings.onBehalfRequestors = [.with { requestor(&$0) }]
  }
}

extension Vestibule_Model_V1_Question {
  fileprivate static func line(
    _ id: String, text: String = "Which project?", change: (inout Self) -> Void = { _ in }
  )
    -> Self
  {
    .with {
      ($0.id, $0.text) = (id, text)
      $0.textInput.isSingleLineQuestion = true
      change(&$0)
    }
  }
}
