import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols
import ServiceRuntime
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import RequestIntake

@Suite("Groups that say who may ask, and who may not")
struct GroupScopeTests {
  @Test("Whoever is in the group may ask, as may whoever is named; whoever has left it may not, nor extend")
  func requestors() async throws {
    try await IntakeFixture.run { intake in
      let (ann, ben, cy) = (
        try await intake.person("ann"), try await intake.person("ben"), try await intake.person("cy")
      )
      try await intake.putPolicy {
        $0.allowedTargetScope = .specificDirectoryUsers
        $0.specificAllowedTargets = [cy.subject?.text ?? ""]
        $0.specificAllowedGroups = [.with { $0.group = intake.resource.text }]
      }
      let filled = try #require(
        try await intake.read { connection in
          try intake.store.load([intake.tenant], on: connection).tenants[intake.tenant]?.policies[
            intake.policy]
        })
      #expect(filled.allowedTargets == .subjects([cy.subject ?? UUID()], groups: ["files"]))
      try await intake.group("files", ann, isMember: true, version: 1)
      #expect(try await intake.codes(of: ben) == [.policyNotMatched])
      #expect(try await intake.codes(of: cy) == [])
      #expect(try await intake.codes(of: ann) == [])
      try await intake.group("files", ben, isMember: false, version: 2)
      try await intake.group("files", ben, isMember: true, version: 1)
      #expect(try await intake.codes(of: ben) == [.policyNotMatched])
      try await intake.group("files", ben, isMember: true, version: 3)
      let asked = try await intake.submit(by: ben)
      try await intake.fold([intake.assignment(of: asked, .delivered, version: 2)])
      intake.wait(.days(170))
      try await intake.group("files", ben, isMember: false, version: 4)
      #expect(try await intake.extend(asked, by: ben).refusalCodes == [.policyNotMatched])
    }
  }

  @Test("Whoever is in an incompatible group gets the package from nobody, administrators included")
  func incompatible() async throws {
    try await IntakeFixture.run { intake in
      let (ann, ben) = (try await intake.person("ann"), try await intake.person("ben"))
      try await intake.put("suppliers", id: intake.package) {
        $0.accessPackage = .with {
          ($0.catalog, $0.displayName) = (intake.catalog.text, "Suppliers")
          $0.incompatibleGroups = [.with { $0.group = intake.resource.text }]
        }
      }
      try await intake.group("files", ann, isMember: true, version: 1)
      #expect(try await intake.codes(of: ann) == [.incompatibleAccess])
      #expect(try await intake.codes(of: intake.administrator(), for: ann.subject) == [.incompatibleAccess])
      #expect(try await intake.codes(of: ben) == [])
      try await intake.group("files", ann, isMember: false, version: 2)
      #expect(try await intake.codes(of: intake.administrator(), for: ann.subject) == [])
    }
  }

  @Test("An exception for a member lets it be held until then, and not be extended beyond")
  func exceptions() async throws {
    try await IntakeFixture.run { intake in
      let (ann, ben) = (try await intake.person("ann"), try await intake.person("ben"))
      let end = intake.now + .days(30)
      func exclude(until end: Date) async throws {
        try await intake.put("suppliers", id: intake.package) {
          $0.accessPackage = .with {
            ($0.catalog, $0.displayName) = (intake.catalog.text, "Suppliers")
            $0.incompatibleGroups = [
              .with {
                $0.group = intake.resource.text
                $0.exceptions = [
                  .with {
                    ($0.subject, $0.reason) = (ann.subject?.text ?? "", "Hands over")
                    $0.endDateTime = .init(end)
                  }
                ]
              }
            ]
          }
        }
      }
      try await exclude(until: end)
      for person in [ann, ben] { try await intake.group("files", person, isMember: true, version: 1) }
      #expect(try await intake.codes(of: ben) == [.incompatibleAccess])
      let held = try await intake.submit(by: ann)
      #expect(held.endDateTime.instant == end)
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2, days: 30)])
      intake.wait(.days(25))
      #expect(try await intake.extend(held, by: ann).refusalCodes == [.extensionLimitReached])
      try await exclude(until: end + .days(60))
      #expect(try await intake.extend(held, by: ann).get().endDateTime.instant == end + .days(60))
    }
  }

  /// A package that nobody may hold who is in the group that the fixture's package gives.
  private func putExcluding(
    _ intake: IntakeFixture, exceptFor person: Principal? = nil, until end: Date = .distantFuture
  ) async throws -> UUID {
    let (package, policy) = (UUID(namedBy: ["excluding"]), UUID(namedBy: ["excluding policy"]))
    try await intake.put("excluding", id: package) {
      $0.accessPackage = .with {
        ($0.catalog, $0.displayName) = (intake.catalog.text, "Excluding")
        $0.incompatibleGroups = [
          .with {
            $0.group = intake.resource.text
            guard let person else { return }
            $0.exceptions = [
              .with {
                ($0.subject, $0.reason) = (person.subject?.text ?? "", "Hands over")
                $0.endDateTime = .init(end)
              }
            ]
          }
        ]
      }
    }
    try await intake.putPolicy("excluding", id: policy) { $0.accessPackage = package.text }
    return package
  }

  @Test("A package that excludes a group and one that gives it exclude each other, open requests included")
  func grantedGroups() async throws {
    try await IntakeFixture.run { intake in
      let (ann, ben) = (try await intake.person("ann"), try await intake.person("ben"))
      let excluding = try await putExcluding(intake)
      try await intake.requireApproval()
      _ = try await intake.submit(by: ann) { $0.accessPackage = excluding }
      #expect(try await intake.codes(of: ann) == [.incompatibleAccess])
      #expect(try await intake.codes(of: intake.administrator(), for: ann.subject) == [.incompatibleAccess])
      let open = try await intake.submit(by: ben)
      #expect(open.state == .pendingApproval)
      #expect(
        try await refusalCodes { try await intake.submit(by: ben) { $0.accessPackage = excluding } } == [
          .incompatibleAccess
        ])
      // A package that gives the group no more excludes nothing.
      try await intake.put("suppliers", id: intake.package) {
        $0.accessPackage = .with { ($0.catalog, $0.displayName) = (intake.catalog.text, "Suppliers") }
      }
      #expect(
        try await refusalCodes { try await intake.submit(by: ben) { $0.accessPackage = excluding } } == [])
    }
  }

  @Test("An exception from the group is one from the packages that give it, until its end")
  func exceptionsFromGrantedGroups() async throws {
    try await IntakeFixture.run { intake in
      let (ann, end) = (try await intake.person("ann"), intake.now + .days(30))
      let excluding = try await putExcluding(intake, exceptFor: ann, until: end)
      _ = try await intake.submit(by: ann) { $0.accessPackage = excluding }
      #expect(try await intake.submit(by: ann).endDateTime.instant == end)
    }
  }

  @Test("Of both at once, through two copies of the service, one is given")
  func grantedGroupsRace() async throws {
    try await IntakeFixture.run { intake in
      let excluding = try await putExcluding(intake)
      for number in 0..<5 {
        let person = try await intake.person("p\(number)")
        let made = try await withThrowingTaskGroup(of: Bool.self) { group in
          for package in [intake.package, excluding] {
            let item = intake.submission(by: person) { $0.accessPackage = package }
            group.addTask { (try? await intake.submit([item])[0].get()) != nil }
          }
          return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(made == 1)
      }
    }
  }

  @Test("A package that gives the group that it excludes is not accepted")
  func excludesItself() async throws {
    try await IntakeFixture.run { intake in
      let codes = try await refusalCodes {
        try await intake.put("suppliers", id: intake.package) {
          $0.accessPackage = .with {
            ($0.catalog, $0.displayName) = (intake.catalog.text, "Suppliers")
            $0.resourceRoles = [.with { ($0.resource, $0.role) = (intake.resource.text, "member") }]
            $0.incompatibleGroups = [.with { $0.group = intake.resource.text }]
          }
        }
      }
      #expect(codes == [.outOfRange])
    }
  }

  @Test("The report says who holds a package and is in a group, page by page, to administrators alone")
  func report() async throws {
    try await IntakeFixture.run { intake in
      var inGroup: Set<String> = []
      for number in 0..<5 {
        let person = try await intake.person("p\(number)")
        _ = try await intake.submit(by: person)
        guard number < 3 else { continue }
        try await intake.group("files", person, isMember: true, version: 1)
        inGroup.insert(person.subject?.text ?? "")
      }
      try await intake.group("files", try await intake.person("other"), isMember: true, version: 1)
      let read = { (caller: Principal, after: UUID?) in
        try await intake.read { [store = intake.store, tenant = intake.tenant] connection in
          try ReadRequests(store: store).additionalAccess(
            intake.package, group: intake.resource, tenant: tenant,
            page: PageRequest(after: after, limit: 2), principal: caller, on: connection
          ).map(\.target.subject)
        }
      }
      let first = try await read(intake.administrator(), nil)
      let second = try await read(intake.administrator(), first.last.flatMap { UUID(text: $0) })
      #expect(first.count == 2 && second.count == 1 && Set(first + second) == inGroup)
      let stranger = try await intake.person("stranger")
      #expect(try await refusalCodes { try await read(stranger, nil) } == [.forbidden])
    }
  }

  @Test("Only a group of the built-in directory is meant, and it stays one while it is named")
  func rules() async throws {
    try await IntakeFixture.run { intake in
      let elsewhere = UUID()
      try await intake.put("crm", id: elsewhere) {
        $0.resource = .with {
          ($0.catalog, $0.displayName, $0.kind) = (intake.catalog.text, "CRM", .application)
          ($0.originSystem, $0.originID, $0.roles) = ("directory", "crm", ["user"])
        }
      }
      func name(_ group: UUID) async throws -> [Reason.Code] {
        try await refusalCodes {
          try await intake.putPolicy {
            ($0.allowedTargetScope, $0.specificAllowedTargets) = (.specificDirectoryUsers, [])
            $0.specificAllowedGroups = [.with { $0.group = group.text }]
          }
        }
      }
      #expect(try await name(elsewhere) == [.outOfRange])
      #expect(try await name(UUID()) == [.unknownReference])
      #expect(try await name(intake.resource) == [])
      try await intake.putRoles([])
      let moved = try await refusalCodes {
        try await intake.put("files", id: intake.resource) {
          $0.resource = .with {
            ($0.catalog, $0.displayName, $0.kind) = (intake.catalog.text, "Files", .group)
            ($0.originSystem, $0.originID, $0.roles) = ("directory", "elsewhere", ["member"])
          }
        }
      }
      #expect(moved == [.inUse])
    }
  }
}

extension IntakeFixture {
  /// Why somebody, or an administrator for somebody, does not get the package.
  func codes(of caller: Principal, for person: UUID? = nil) async throws -> [Reason.Code] {
    try await refusalCodes { try await submit(by: caller) { $0.targetSubject = person } }
  }

  func group(_ group: String, _ person: Principal, isMember: Bool, version: Int64) async throws {
    let event = Received(
      id: UUID(), type: .directoryGroupChanged, aggregate: UUID(), tenant: tenant,
      version: EntitlementModel.Version(epoch: 1, number: Int(version)),
      body: Vestibule_Events_V1_DirectoryGroupEvent.with {
        ($0.tenant, $0.group) = (tenant.text, group)
        $0.members = [
          .with { ($0.subject, $0.isMember, $0.version) = (person.subject?.text ?? "", isMember, version) }
        ]
      })
    try await commit { work in try GroupMemberCopies(connection: work.connection).take([event]) }
  }
}
