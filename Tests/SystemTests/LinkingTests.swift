import Contracts
import EntitlementModel
import Foundation
import Identity
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: a person with two identities is one person, through all services.
  @Suite("Linking people") struct LinkingTests {
    @Test("A sponsor linked to whoever asks decides nothing for them, and one of the two holds a package")
    func linked() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      let people = try await running.system.issuer.strangers(2)
      let asked = try await running.desk.submit(running.sample.phoenix, by: people[0])
      let other = try await running.desk.submit(running.sample.workshop, by: people[1])
      try await running.awaitPending([asked.id])
      let sponsor = try running.system.issuer.sponsor()
      let names = ["ada", people[0].name, people[1].name].map { "\($0)@fabrikam.example" }
      #expect(try await running.person("link", names[0], names[1], names[2]).contains("one person"))

      try await eventually(within: .seconds(20), "the sponsor may not decide") {
        try await !running.desk.pending(for: sponsor).map(\.id).contains(asked.id)
      }
      let refused = try await refusal { try await running.desk.decide(asked.id, .approve, by: sponsor) }
      #expect(refused?.reasons.map(\.code) == [.ownRequest])
      let twice = try await refusal { try await running.desk.submit(running.sample.workshop, by: people[0]) }
      #expect(twice?.reasons.map(\.code) == [.openRequestExists])
      #expect(twice?.reasons.first?.hint == other.id)

      #expect(try await running.person("unlink", names[0], names[1], names[2]).contains("3 by themselves"))
      try await running.approve([asked.id])
      #expect(
        try await refusal { try await running.desk.submit(running.sample.workshop, by: people[0]) } == nil)
      try await running.comesToRest()
    }
  }
}
