import ArgumentParser
import EntitlementModel
import Foundation
import Identity
import LocalSystem
import Messaging

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes Fabrikam's people through request, approval, guest account, access, expiry and removal.",
    discussion: "Runs the whole system on this machine and stays up afterwards, unless --exit.")

  @Option(help: "How many people.") var users = 100
  @Flag(help: "Stop when it is done.") var exit = false
  @Option(help: "Where everything is kept.") var directory = ".local"

  func validate() throws {
    if !(1...100_000).contains(users) { throw ValidationError("--users must be 1 to 100000") }
  }

  func run() async throws {
    let system = try await Up.start(directory: directory)
    do {
      let users = users
      try await Interruption.cancelling { try await Self.mainJob(of: users, on: system) }
    } catch {
      await system.stop()
      throw error
    }
    if !exit {
      Terminal.say(await Up.summary(of: system))
      Terminal.say("Ctrl-C stops it.")
      await Interruption.wait()
    }
    await system.stop()
  }

  private static func mainJob(of users: Int, on system: LocalSystem) async throws {
    let (tenant, inspection) = (SampleTenant(), Inspection(url: system.databaseURL))
    let workshopSeconds = 15 + users / 500
    try await tenant.apply(
      try SampleTenant.file("contoso.yaml"), to: system,
      environment: ["VESTIBULE_WORKSHOP_DURATION": "PT\(workshopSeconds)S"])
    Terminal.note("sample tenant applied; \(users) people of Fabrikam get their tokens …\n")
    // Each run's people are new ones, so that the demonstration can be repeated on the same directory.
    let run = UUID().uuidString.prefix(6).lowercased()
    let crowd = try await Crowd(users, name: "p\(run)", of: "fabrikam", issuer: system.issuer)
    let sponsor = try system.issuer.mint(
      issuerName: "fabrikam", subject: "ada", email: "ada@fabrikam.example")
    let before = try await DemoSummary.read(inspection, tenant)
    try await MainJob(
      system: system, tenant: tenant, crowd: crowd, sponsorToken: sponsor, inspection: inspection,
      before: before
    ).run()
    Terminal.say(try await DemoSummary.read(inspection, tenant).since(before).text(await memory(of: system)))
    await inspection.close()
  }

  private static func memory(of system: LocalSystem) async -> [(String, Int)] {
    var found: [(String, Int)] = []
    for service in system.services {
      if let usage = await service.usage { found.append((service.name, usage.peakResidentBytes / 1_048_576)) }
    }
    return found
  }
}
