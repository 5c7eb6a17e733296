import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: who does not belong learns nothing, not even that something is there.
  @Suite("Strangers") struct StrangerTests {
    @Test("Another tenant's ids, and ids of nobody, get the same answer")
    func foreignTenant() async throws {
      let running = try await RunningSystem.shared()
      let adatum = try await neighbour(of: running)
      let issuer = running.system.issuer
      let (own, foreigner) = (
        try await issuer.strangers(1)[0], try await issuer.strangers(1, of: "tailspin")[0]
      )
      let asked = try await running.desk.submit(running.sample.phoenix, by: own)
      let desk = running.desk(of: adatum)
      _ = try await desk.submit(adatum.workshop, by: foreigner)

      let nobody = try #require(await refusal { try await desk.request(UUID().text, of: foreigner) })
      #expect(nobody == .notFound)
      #expect(try await refusal { try await desk.request(asked.id, of: foreigner) } == nobody)
      #expect(try await refusal { try await desk.cancel(asked.id, by: foreigner) } == nobody)
      #expect(try await refusal { try await desk.giveBack(asked.id, by: foreigner) } == nobody)
      #expect(try await refusal { try await desk.submit(running.sample.phoenix, by: foreigner) } == nobody)
    }

    @Test("A person of one tenant is nobody in another")
    func foreignPerson() async throws {
      let running = try await RunningSystem.shared()
      _ = try await neighbour(of: running)
      let foreigner = try await running.system.issuer.strangers(1, of: "tailspin")[0]
      let code = await status { try await running.desk.submit(running.sample.phoenix, by: foreigner) }
      #expect(code == .unauthenticated || code == .notFound)
      let pending = await status { try await running.desk.pending(for: foreigner) }
      #expect(pending == .unauthenticated || pending == .notFound)
    }

    @Test("Another person's request is not found, and only sponsors decide")
    func otherPeople() async throws {
      let running = try await RunningSystem.shared()
      let people = try await running.system.issuer.strangers(2)
      let asked = try await running.desk.submit(running.sample.phoenix, by: people[0])
      try await running.awaitPending([asked.id])
      #expect(try await refusal { try await running.desk.request(asked.id, of: people[1]) } == .notFound)
      #expect(try await refusal { try await running.desk.cancel(asked.id, by: people[1]) } == .notFound)
      for person in people {
        let refused = try await refusal { try await running.desk.decide(asked.id, .approve, by: person) }
        #expect(refused != nil)
      }
      #expect(try await running.requests([asked.id], in: "pendingApproval") == 1)
    }

    @Test("Expired, forged and unreadable tokens open nothing")
    func unusableTokens() async throws {
      let running = try await RunningSystem.shared()
      let issuer = running.system.issuer
      let elsewhere = try TestDirectory.make()
      let forger = try DevelopmentIssuer(directory: elsewhere, address: issuer.address)
      let tokens = [
        try issuer.mint(issuerName: "fabrikam", subject: "late", lifetime: 60, now: Date() - 3_600),
        try forger.mint(issuerName: "fabrikam", subject: "ada", email: "ada@fabrikam.example"),
        try issuer.mint(issuerName: "unknown", subject: "ada"),
        try issuer.mint(issuerName: "fabrikam", subject: "ada", audience: "another"),
        "no token", "",
      ]
      for (number, token) in tokens.enumerated() {
        let (person, desk) = (Caller(name: "", token: token), running.desk)
        let asking = await status { try await desk.submit(running.sample.phoenix, by: person) }
        #expect(asking == .unauthenticated, "token \(number)")
        let deciding = await status { try await desk.pending(for: person) }
        #expect(deciding == .unauthenticated, "token \(number)")
      }
      await TestDirectory.remove(elsewhere)
    }

    private func status<Answer>(_ call: () async throws -> Answer) async -> RPCError.Code? {
      do {
        _ = try await call()
        return nil
      } catch {
        return (error as? RPCError)?.code
      }
    }

    /// A second tenant with a partner of its own, of the same shape.
    private func neighbour(of running: RunningSystem) async throws -> SampleTenant {
      let text = try String(contentsOf: SampleTenant.file, encoding: .utf8)
        .replacing("contoso", with: "adatum").replacing("fabrikam", with: "tailspin")
      let file = running.system.options.directory.appending(path: "adatum.yaml")
      try text.write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
      return SampleTenant(name: "adatum")
    }
  }
}
