import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import Provisioning

@Suite("The end of a contract comes to what its organization's people have (decision 4)")
struct ContractEndTests {
  private let fabrikam = UUID()

  @Test("What lasts longer ends with it, and nothing else; a contract that ends later restores nothing")
  func caps() async throws {
    try await ProvisioningFixture.run { service in
      func grant(_ term: Term, of organization: UUID? = nil) async throws -> UUID {
        let request = service.request(
          for: service.person(), organization: organization ?? fabrikam, term: term)
        try await service.fulfil([request])
        return request.id
      }
      let long = try await grant(Term(duration: .days(180)))
      let short = try await grant(Term(duration: .days(10)))
      let endless = try await grant(Term())
      let elsewhere = try await grant(Term(duration: .days(180)), of: UUID())
      let before = try await service.ends([short, elsewhere])
      let (first, sooner) = (service.now + .days(45), service.now + .days(20))

      try await service.contract(fabrikam, endsAt: first, number: 1)
      #expect(
        try await service.capAssignments().map(\.type) == [.assignmentShortened, .assignmentShortened])
      #expect(try await service.ends([long, endless]) == [first.microseconds, first.microseconds])
      #expect(try await service.ends([short, elsewhere]) == before)

      // Told again, and moved to a later day, it changes nothing.
      try await service.contract(fabrikam, endsAt: first, number: 1)
      #expect(try await service.capAssignments().isEmpty)
      try await service.contract(fabrikam, endsAt: first + .days(90), number: 2)
      #expect(try await service.capAssignments().isEmpty)

      try await service.contract(fabrikam, endsAt: sooner, number: 3)
      #expect(try await service.capAssignments().count == 2)
      // What was known before, told late.
      try await service.contract(fabrikam, endsAt: first, number: 1)
      #expect(try await service.capAssignments().isEmpty)
      #expect(try await service.ends([long, endless]) == [sooner.microseconds, sooner.microseconds])
      #expect(try await service.ends([short, elsewhere]) == before)
    }
  }

  @Test("What is approved or extended after it was entered lasts no longer either")
  func later() async throws {
    try await ProvisioningFixture.run { service in
      let end = service.now + .days(45)
      try await service.contract(fabrikam, endsAt: end, number: 1)
      try await service.capAssignments()
      let request = service.request(for: service.person(), organization: fabrikam)
      let short = service.request(
        for: service.person(), organization: fabrikam, term: Term(duration: .days(10)))
      try await service.fulfil([request, short])
      #expect(try await service.ends([request.id]) == [end.microseconds])
      let more = service.request(
        .userUpdate, for: short.target, organization: fabrikam, assignment: short.id,
        term: Term(latestEnd: service.now + .days(100)))
      try await service.fulfil([more])
      #expect(try await service.ends([short.id]) == [end.microseconds])
    }
  }

  @Test("Extended for another organization, it is that one's, whose contract counts, however long it lasted")
  func rematched() async throws {
    try await ProvisioningFixture.run { service in
      let (northwind, end) = (UUID(), service.now + .days(45))
      try await service.contract(northwind, endsAt: end, number: 1)
      try await service.capAssignments()
      let request = service.request(for: service.person(), organization: fabrikam)
      try await service.fulfil([request])
      let more = service.request(
        .userUpdate, for: request.target, organization: northwind, assignment: request.id,
        term: Term(latestEnd: service.now + .days(200)))
      try await service.fulfil([more])
      try await service.fulfil([more])
      let assignment = try await service.assignment(request.id)
      #expect(assignment?.organization == northwind && assignment?.endsAt?.microseconds == end.microseconds)
    }
  }

  @Test("It goes on page by page, from where it was")
  func pages() async throws {
    try await ProvisioningFixture.run { service in
      let requests = (0..<250).map { _ in service.request(for: service.person(), organization: fabrikam) }
      try await service.fulfil(requests)
      let end = service.now + .days(45)
      try await service.contract(fabrikam, endsAt: end, number: 1)
      #expect(try await service.capPage().count == 200)
      #expect(try await service.capPage().count == 50)
      #expect(try await service.ends(requests.map(\.id)) == Array(repeating: end.microseconds, count: 250))
      try await service.capPage()
      #expect(try await service.sql("SELECT count(*) FROM contract_cap") == "0")
    }
  }

  @Test("A contract that is over already caps nothing: the organization's end takes what there is")
  func isOver() async throws {
    try await ProvisioningFixture.run { service in
      let request = service.request(for: service.person(), organization: fabrikam)
      try await service.fulfil([request])
      let before = try await service.ends([request.id])
      try await service.contract(fabrikam, endsAt: service.now - .days(1), number: 1)
      #expect(try await service.capAssignments().isEmpty)
      #expect(try await service.ends([request.id]) == before)
    }
  }
}

extension ProvisioningFixture {
  @discardableResult
  fileprivate func capPage() async throws -> [Told] {
    let cap = CapAssignments(settle: settle)
    return try await commit { work in _ = try cap(work) }
  }

  /// Brings what is on its way to everybody.
  @discardableResult
  fileprivate func capAssignments() async throws -> [Told] {
    var told: [Told] = []
    while try await sql("SELECT count(*) FROM contract_cap") != "0" { told += try await capPage() }
    return told
  }

  fileprivate func ends(_ assignments: [UUID]) async throws -> [Int64?] {
    let tenant = tenant
    let found = try await transactor.read(tenants: [tenant]) {
      try AssignmentTable(connection: $0).read(Set(assignments), of: [tenant])
    }
    let ends = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.endsAt?.microseconds) })
    return assignments.map { ends[$0] ?? nil }
  }
}
