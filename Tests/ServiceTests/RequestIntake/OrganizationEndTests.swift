import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import SwiftProtobuf
import Testing
import TestSupport

@testable import Messaging
@testable import RequestIntake

@Suite("Organizations that end")
struct OrganizationEndTests {
  @Test(
    "A dry run says how much would end, and changes nothing; the end itself comes to everybody, page by page")
  func pages() async throws {
    try await IntakeFixture.run { intake in
      let people = (0..<450).map { intake.guest("p\($0)") }
      let granted = try await intake.submit(people.prefix(400).map { intake.submission(by: $0) })
      try await intake.requireApproval()
      let waiting = try await intake.submit(people.suffix(50).map { intake.submission(by: $0) })
      #expect((granted + waiting).allSatisfy { $0.refusalCodes.isEmpty })
      let expected = OrganizationExtent(requests: 50, assignments: 400, guests: 450)
      #expect(try await end(intake, isDryRun: true) == expected)
      #expect(try await ends(intake).isEmpty)
      #expect(try await end(intake) == expected)

      #expect(
        try await refusalCodes { try await intake.submit(by: intake.guest("late")) } == [.organizationEnded])
      var pages = 0
      while try await page(intake) {
        pages += 1
        guard let end = try await ends(intake).first else { continue }
        let left = try await intake.read { [tenant = intake.tenant] connection in
          try RequestTable(connection: connection).waitingForEnd([end], tenant: tenant)
        }
        #expect(end.done + (left[end.organization] ?? 0) == 450)
      }
      #expect(pages == 4)
      #expect(try await ends(intake).isEmpty)
      #expect(try await intake.told(.requestCanceled) == 50)
      // 400 that were granted, and 400 removals.
      #expect(try await intake.told(.requestApproved) == 800)
      let removals = try await intake.read { connection in
        try connection.values(
          "SELECT DISTINCT end_reason FROM request WHERE kind = 'systemRemove'", as: String.self)
      }
      #expect(removals == ["organizationEnded"])
    }
  }

  @Test("Said twice it ends once; saved as ended it is the same; reopened it takes requests again")
  func again() async throws {
    try await IntakeFixture.run { intake in
      _ = try await intake.submit(by: intake.guest("ann"))
      try await intake.putOrganization { $0.state = .ended }
      try await end(intake)
      while try await page(intake) {}
      try await end(intake)
      #expect(try await page(intake) == false)
      #expect(try await intake.told(.requestApproved) == 2)
      try await intake.putOrganization()
      #expect(try await intake.submit(by: intake.guest("bea")).state == .delivering)
    }
  }

  @Test("Reopened before the end has come to everybody, it goes no further")
  func reopened() async throws {
    try await IntakeFixture.run { intake in
      _ = try await intake.submit((0..<300).map { intake.submission(by: intake.guest("p\($0)")) })
      try await end(intake)
      #expect(try await page(intake))
      try await intake.putOrganization()
      #expect(try await page(intake) == false)
      #expect(try await intake.told(.requestApproved) == 300 + 200)
    }
  }

  @Test("Whoever may not configure organizations may not end them, nor learn how much it would be")
  func strangers() async throws {
    try await IntakeFixture.run { intake in
      let other = IntakeFixture(sharing: intake)
      try await other.configure()
      for caller in [intake.guest("ann"), intake.administrator([])] {
        let codes = try await refusalCodes { try await end(intake, isDryRun: true, by: caller) }
        #expect(codes == [.forbidden])
      }
      #expect(
        try await refusalCodes { try await end(intake, isDryRun: true, by: other.administrator()) } == [
          .notFound
        ])
    }
  }

  @Test("A contract is told of 30 days before, and ends the organization on its day")
  func contract() async throws {
    try await IntakeFixture.run { intake in
      let end = intake.now + .days(100)
      try await intake.putOrganization { $0.contractEnd = .init(end) }
      _ = try await intake.submit(by: intake.guest("ann"))
      intake.wait(try #require(Period(iso: "PT1M")))
      for (days, notices, isOver) in [(69, 0, false), (1, 1, false), (29, 1, false), (1, 1, true)] {
        intake.wait(.days(days))
        try await intake.fireDeadlines()
        #expect(try await intake.told(.organizationEnding) == notices)
        #expect(try await ends(intake).count == (isOver ? 1 : 0))
      }
      while try await page(intake) {}
      #expect(
        try await refusalCodes { try await intake.submit(by: intake.guest("bea")) } == [.organizationEnded])
      #expect(try await intake.told(.requestApproved) == 2)
    }
  }

  @Test("A contract that was moved falls due on its new day alone")
  func movedContract() async throws {
    try await IntakeFixture.run { intake in
      let (first, second) = (intake.now + .days(100), intake.now + .days(200))
      try await intake.putOrganization { $0.contractEnd = .init(first) }
      try await intake.putOrganization { $0.contractEnd = .init(second) }
      intake.wait(.days(150))
      try await intake.fireDeadlines()
      #expect(try await intake.told(.organizationEnding) == 0)
      intake.wait(.days(51))
      try await intake.fireDeadlines()
      try await intake.fireDeadlines()
      #expect(try await ends(intake).count == 1)
    }
  }

  @Test("Of twenty who ask at once for the last five places, in two copies, five get one")
  func lastPlaces() async throws {
    try await IntakeFixture.run { intake in
      try await intake.putOrganization { $0.guestLimit = 5 }
      let answers = try await withThrowingTaskGroup(of: [Reason.Code].self) { group in
        for number in 0..<20 {
          group.addTask {
            try await intake.submit([intake.submission(by: intake.guest("p\(number)"))])[0].refusalCodes
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.count(where: \.isEmpty) == 5)
      #expect(answers.count { $0 == [.organizationFull] } == 15)
    }
  }

  @Test("A request that is being judged while its organization ends is refused, or ended")
  func race() async throws {
    try await IntakeFixture.run { intake in
      let answers = try await withThrowingTaskGroup(of: [Reason.Code].self) { group in
        for number in 0..<40 {
          group.addTask {
            try await intake.submit([intake.submission(by: intake.guest("p\(number)"))])[0].refusalCodes
          }
        }
        group.addTask {
          try await end(intake)
          while try await page(intake) {}
          return [.organizationEnded]
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.allSatisfy { $0.isEmpty || $0 == [.organizationEnded] })
      let made = answers.count(where: \.isEmpty)
      #expect(try await intake.told(.requestApproved) == made * 2)
    }
  }

  @Test("Extended for another organization, access ends with that one and no more with the first")
  func rematched() async throws {
    try await IntakeFixture.run { intake in
      let northwind = UUID()
      try await intake.put("northwind", id: northwind) {
        $0.connectedOrganization = .with {
          $0.displayName = "Northwind"
          $0.identitySources = [.with { $0.domain.domainName = "northwind.example" }]
        }
      }
      try await intake.putPolicy { $0.specificAllowedTargets = [intake.organization.text, northwind.text] }
      let ann = try await intake.person("ann")
      let held = try await intake.submit(by: ann)
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2)])
      intake.wait(.days(170))
      let moved = Principal(
        tenant: intake.tenant, subject: ann.subject, organization: northwind, issuer: ann.issuer,
        externalSubject: "ann", email: ann.email, isMember: false, isOperator: false, roles: [],
        expiresAt: .distantFuture)
      let update = try await intake.extend(held, by: moved).get()
      #expect(update.organization == northwind.text)
      let extended = intake.assignment(of: held, .delivered, version: 3) {
        ($0.organization, $0.answeredRequest) = (northwind.text, update.id)
      }
      let late = intake.assignment(of: held, .delivered, version: 2)
      for event in [extended, late, extended] { try await intake.fold([event]) }
      #expect(try await intake.request(held.id)?.request.organization == northwind)
      #expect(try await end(intake) == OrganizationExtent())
      while try await page(intake) {}
      #expect(try await intake.count(.systemRemove) == 0)
      try await intake.put("northwind", id: northwind) {
        $0.connectedOrganization = .with { ($0.displayName, $0.state) = ("Northwind", .ended) }
      }
      while try await page(intake) {}
      #expect(try await intake.count(.systemRemove) == 1)
    }
  }

  @discardableResult
  private func end(
    _ intake: IntakeFixture, isDryRun: Bool = false, by principal: Principal? = nil
  ) async throws -> OrganizationExtent {
    // As if a second administrator had seen it: GuardTests are about that.
    let (id, caller) = (intake.organization, principal ?? intake.administrator())
    return try await intake.commit { [store = intake.store, tenant = intake.tenant] work in
      try EndOrganization(store: store)(
        id, isDryRun: isDryRun, tenant: tenant, principal: caller, work, .confirmed)
    }.get()
  }

  private func page(_ intake: IntakeFixture) async throws -> Bool {
    try await intake.transactor().commit(tenants: []) { [store = intake.store] work in
      try EndAccessOfOrganizations(store: store)(work)
    }
  }

  private func ends(_ intake: IntakeFixture) async throws -> [OrganizationEnd] {
    try await intake.read { [tenant = intake.tenant] in
      try OrganizationEndTable(connection: $0).list(of: tenant)
    }
  }
}
