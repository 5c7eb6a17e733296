import EntitlementModel
import Foundation
import Testing

@Suite("Decision 17: what widens")
struct WideningTests {
  typealias Targets = AssignmentPolicy.AllowedTargets
  typealias Organization = ConnectedOrganization.State

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let widens: Set<Widening>
    let change: @Sendable (inout AssignmentPolicy) -> Void

    init(
      _ description: String, _ widens: Widening...,
      change: @escaping @Sendable (inout AssignmentPolicy) -> Void
    ) {
      (testDescription, self.widens, self.change) = (description, Set(widens), change)
    }
  }

  /// Fabrikam's people, 180 days, two stages, no extension.
  static let strict = AssignmentPolicy(
    id: policy, accessPackage: package, displayName: "Strict",
    allowedTargets: .connectedOrganizations([fabrikam]),
    expiration: .after(.days(180)), maySelfUpdate: false,
    approval: .init(
      requiredForAdd: true, requiredForUpdate: true, requestorJustificationRequired: true,
      stages: [
        .init(
          timeout: .days(7), approvers: [.singleUser(sponsor), .externalSponsors], approvalsRequired: 2,
          approverJustificationRequired: true),
        .init(timeout: .days(7), approvers: [.singleUser(ben)]),
      ]),
    maximumTotalDuration: .days(360))

  static let rows = [
    Row("Another name") { $0.displayName = "Other" },
    Row("Nobody any more") { $0.allowedTargets = .notSpecified },
    Row("Another organization beside it", .audienceWider) {
      $0.allowedTargets = .connectedOrganizations([fabrikam, contoso])
    },
    Row("Another organization in its place", .audienceWider) {
      $0.allowedTargets = .connectedOrganizations([contoso])
    },
    Row("All configured organizations", .audienceWider) {
      $0.allowedTargets = .allConfiguredConnectedOrganizations
    },
    Row("Everybody outside", .audienceWider) { $0.allowedTargets = .allExternalUsers },
    Row("Disabled, whatever else it says") {
      ($0.isDisabled, $0.allowedTargets, $0.expiration) = (true, .allExternalUsers, .never)
    },
    Row("No approval", .approvalRemoved) {
      ($0.approval.requiredForAdd, $0.approval.requiredForUpdate) = (false, false)
    },
    Row("No approval of extensions", .approvalRemoved) { $0.approval.requiredForUpdate = false },
    Row("A stage less", .approvalWeaker) { $0.approval.stages.removeLast() },
    Row("A stage more") {
      $0.approval.stages.append(.init(timeout: .days(7), approvers: [.internalSponsors]))
    },
    Row("Fewer have to say yes", .approvalWeaker) { $0.approval.stages[0].approvalsRequired = 1 },
    Row("Fewer are asked") { $0.approval.stages[0].approvers.removeLast() },
    Row("Somebody else may say yes", .approvalWeaker) {
      $0.approval.stages[1].approvers = [.singleUser(anna)]
    },
    Row("Somebody else may once it escalates", .approvalWeaker) {
      $0.approval.stages[0].escalation = .init(after: .days(1), approvers: [.singleUser(anna)])
    },
    Row("Others may ask for people", .audienceWider) {
      $0.onBehalf = OnBehalf(requestors: [.internalSponsors], mayAdd: true, mayUpdate: false, mayRemove: true)
    },
    Row("Others may give up access for people") {
      $0.onBehalf = OnBehalf(
        requestors: [.internalSponsors], mayAdd: false, mayUpdate: false, mayRemove: true)
    },
    Row("A sponsor's asking is a first yes", .audienceWider, .approvalWeaker) {
      $0.onBehalf = OnBehalf(
        requestors: [.externalSponsors], mayAdd: true, mayUpdate: false, mayRemove: false, isFirstStage: true)
    },
    Row("The same may once it escalates") {
      $0.approval.stages[0].escalation = .init(after: .days(1), approvers: [.singleUser(sponsor)])
    },
    Row("Administrators may say yes where nobody is found", .approvalWeaker) {
      $0.approval.administratorsMayDecide = true
    },
    Row("No reason is asked for", .approvalWeaker) { $0.approval.requestorJustificationRequired = false },
    Row("A shorter term") { $0.expiration = .after(.days(90)) },
    Row("A longer term", .termLonger) { $0.expiration = .after(.days(181)) },
    Row("A fixed day that is sooner") { $0.expiration = .at(day(179)) },
    Row("A fixed day that is later", .termLonger) { $0.expiration = .at(day(181)) },
    Row("For ever", .termLonger) { $0.expiration = .never },
    Row("Extensions", .termLonger) { $0.maySelfUpdate = true },
    Row("A longer total without extensions") { $0.maximumTotalDuration = nil },
    Row("Everything at once", .audienceWider, .approvalRemoved, .termLonger) {
      ($0.allowedTargets, $0.approval, $0.expiration) = (.allExternalUsers, .none, .never)
    },
  ]

  @Test("A policy's change", arguments: rows)
  func policies(row: Row) {
    var next = Self.strict
    row.change(&next)
    #expect(Widening.of(Self.strict, to: next, at: noon) == row.widens)
  }

  @Test("A new policy lets people in, unless it is for nobody; so does one that is enabled")
  func newPolicy() {
    var (forNobody, disabled) = (Self.strict, Self.strict)
    (forNobody.allowedTargets, disabled.isDisabled) = (.notSpecified, true)
    #expect(Widening.of(nil, to: Self.strict, at: noon) == [.audienceWider])
    #expect(Widening.of(nil, to: forNobody, at: noon) == [])
    #expect(Widening.of(disabled, to: Self.strict, at: noon) == [.audienceWider])
    #expect(Widening.of(forNobody, to: Self.strict, at: noon) == [.audienceWider])
  }

  @Test(
    "An organization's change lets its people ask under policies for all configured ones, or that name it",
    arguments: [
      // before, after, for whom the policy is, whether it widens
      (Organization.proposed, Organization.configured, Targets.allConfiguredConnectedOrganizations, true),
      (nil, .configured, .allConfiguredConnectedOrganizations, true),
      (.ended, .configured, .allConfiguredConnectedOrganizations, true),
      (.configured, .configured, .allConfiguredConnectedOrganizations, false),
      (.proposed, .ended, .allConfiguredConnectedOrganizations, false),
      (nil, .proposed, .allConfiguredConnectedOrganizations, false),
      (.ended, .proposed, .connectedOrganizations([fabrikam]), true),
      (.proposed, .configured, .connectedOrganizations([fabrikam]), false),
      (.ended, .configured, .connectedOrganizations([contoso]), false),
      (.proposed, .configured, .allExternalUsers, false), (.proposed, .configured, .allMembers, false),
    ] as [(Organization?, Organization, Targets, Bool)])
  func organizations(before: Organization?, after: Organization, targets: Targets, isWider: Bool) {
    func partner(_ state: Organization) -> ConnectedOrganization {
      ConnectedOrganization(id: fabrikam, displayName: "Fabrikam", state: state, identitySources: [])
    }
    var (policy, disabled) = (Self.strict, Self.strict)
    policy.allowedTargets = targets
    (disabled.allowedTargets, disabled.isDisabled) = (targets, true)
    let (old, new) = (before.map(partner), partner(after))
    #expect(Widening.of(old, to: new, policies: [policy]) == (isWider ? [.audienceWider] : []))
    #expect(Widening.of(old, to: new, policies: [disabled]) == [])
  }

  @Test(
    "An organization's people are those who come from its sources: others who do widen, others who no longer do do not",
    arguments: [
      // before, after, whether it widens
      ([domain("a.example")], [domain("a.example")], false),
      ([domain("a.example")], [domain("a.example"), domain("b.example")], true),
      ([domain("a.example"), domain("b.example")], [domain("b.example")], false),
      ([domain("a.example")], [domain("b.example")], true),
      ([domain("a.example")], [domain("a.example", true)], true),
      ([domain("a.example", true)], [domain("a.example")], false),
      ([domain("a.example", true)], [domain("x.a.example"), domain("y.a.example", true)], false),
      ([domain("a.example")], [domain("x.a.example")], true),
      ([domain("x.a.example", true)], [domain("a.example")], true),
      ([], [.issuer("https://a")], true), ([.issuer("https://a")], [.issuer("https://a")], false),
      ([.issuer("https://a")], [.issuer("https://b")], true),
      ([.issuer("a.example")], [domain("a.example")], true),
    ] as [([IdentitySource], [IdentitySource], Bool)])
  func sources(before: [IdentitySource], after: [IdentitySource], isWider: Bool) {
    func partner(_ sources: [IdentitySource], _ state: Organization = .configured) -> ConnectedOrganization {
      ConnectedOrganization(id: fabrikam, displayName: "Fabrikam", state: state, identitySources: sources)
    }
    let widens: Set<Widening> = isWider ? [.audienceWider] : []
    for targets in [Targets.allConfiguredConnectedOrganizations, .connectedOrganizations([fabrikam])] {
      var policy = Self.strict
      policy.allowedTargets = targets
      #expect(Widening.of(partner(before), to: partner(after), policies: [policy]) == widens)
      #expect(Widening.of(partner(before), to: partner(after, .ended), policies: [policy]) == [])
    }
    for targets in [Targets.connectedOrganizations([contoso]), .allMembers, .allExternalUsers] {
      var policy = Self.strict
      policy.allowedTargets = targets
      #expect(Widening.of(partner(before), to: partner(after), policies: [policy]) == [])
    }
  }

  private static func domain(_ name: String, _ includesSubdomains: Bool = false) -> IdentitySource {
    guard let name = DomainName(name) else { preconditionFailure("\(name) is a domain") }
    return .domain(name, includeSubdomains: includesSubdomains)
  }

  @Test(
    "Who is meant by whom",
    arguments: [
      (Targets.allExternalUsers, Targets.allConfiguredConnectedOrganizations, true),
      (.allExternalUsers, .connectedOrganizations([fabrikam]), true),
      (.allConfiguredConnectedOrganizations, .connectedOrganizations([fabrikam]), true),
      (.allConfiguredConnectedOrganizations, .allExternalUsers, false),
      (.allDirectoryUsers, .allMembers, true), (.allMembers, .allDirectoryUsers, false),
      (.subjects([anna, ben]), .subjects([anna]), true), (.subjects([anna]), .subjects([ben]), false),
      (.allMembers, .subjects([anna]), false), (.allExternalUsers, .allMembers, false),
      (.notSpecified, .subjects([anna]), false), (.subjects([anna]), .notSpecified, true),
    ])
  func audiences(all: Targets, some: Targets, isIncluded: Bool) {
    #expect(all.includes(some) == isIncluded)
  }

  @Test("An additional role widens where the package holds a privileged resource, new packages nothing")
  func packages() {
    let (files, vault) = (uuid(71), uuid(72))
    func package(_ roles: (UUID, String)...) -> AccessPackage {
      AccessPackage(
        catalog: uuid(70), displayName: "Suppliers", isHidden: false,
        resourceRoles: roles.map {
          ResourceRole(resource: $0.0, role: $0.1, originSystem: "directory", originID: "x")
        })
    }
    let (before, more) = (package((files, "member")), package((files, "member"), (files, "owner")))
    #expect(Widening.of(before, to: more, privileged: [vault]) == [])
    #expect(Widening.of(before, to: more, privileged: [files]) == [.roleAdded])
    #expect(
      Widening.of(before, to: package((files, "member"), (vault, "reader")), privileged: [vault]) == [
        .roleAdded
      ])
    #expect(Widening.of(more, to: before, privileged: [files]) == [])
    #expect(Widening.of(before, to: package((files, "owner")), privileged: [files]) == [.roleAdded])
    #expect(Widening.of(nil, to: more, privileged: [files]) == [])
  }

  @Test("Saving says which policies are outranked, and where approval weakens")
  func warnings() {
    var (narrow, wide, open) = (Self.strict, Self.strict, Self.strict)
    narrow = AssignmentPolicy(
      id: uuid(80), accessPackage: package, displayName: "Anna", allowedTargets: .subjects([anna]),
      expiration: .never, approval: .none)
    wide.allowedTargets = .allExternalUsers
    open.approval.stages.removeLast()
    typealias Warning = PolicyRanking.Warning
    #expect(
      PolicyRanking.warnings(saving: narrow, before: nil, others: [wide]) == [
        Warning(.outranks, policy), Warning(.weakensApproval, policy),
      ])
    #expect(PolicyRanking.warnings(saving: wide, before: nil, others: [narrow]) == [])
    #expect(
      PolicyRanking.warnings(saving: open, before: Self.strict, others: []) == [
        Warning(.weakensApproval, policy)
      ])
    #expect(PolicyRanking.warnings(saving: Self.strict, before: open, others: []) == [])
    narrow.isDisabled = true
    #expect(PolicyRanking.warnings(saving: narrow, before: nil, others: [wide]) == [])
  }
}
