import AMQP
import ArgumentParser
import Contracts
import Foundation
import Logging
import Messaging
import Protocols
import SwiftProtobuf

struct Health: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Says what is wrong in a tenant: approvers who are gone, partners without sponsors, what is stuck.",
    discussion: """
      Wrong is: a stage in which nobody can be found who decides, an organization with fewer than two sponsors who may act, \
      requests that wait for nobody, guests who should have gone, and dead letters (where VESTIBULE_AMQP_URL is known). \
      Exit status 0: nothing is wrong; 1: something is.
      """)
  @Option(help: "The tenant, by name.") var tenant: String
  @Flag(help: "As JSON, with the names of the API.") var json = false
  @OptionGroup var address: SystemAddress

  func run() async throws {
    let report = try await read()
    if json {
      Terminal.say(try report.jsonText())
    } else {
      for line in report.lines { Terminal.say(line) }
    }
    if !report.isHealthy { throw ExitCode(1) }
  }

  private func read() async throws -> HealthReport {
    let (approval, provisioning) = (
      try address.value("VESTIBULE_APPROVAL_GRPC_URL"), try address.value("VESTIBULE_PROVISIONING_GRPC_URL")
    )
    let intake = try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL")
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    let letters = try await deadLetters()
    return try await withServiceConnection(intake) { people in
      try await withServiceConnection(approval) { approvals in
        try await withServiceConnection(provisioning) { access in
          let desk = ApprovalDesk(tenant: id, people: people, approvals: approvals, token: token)
          let guests = GuestDesk(tenant: id, people: people, access: access, token: token)
          return HealthReport(
            approval: try await desk.health(), routing: try await desk.routing(all: false),
            zombies: try await guests.zombies(), packageChanges: try await guests.packageChanges(),
            deadLetters: letters, names: try await desk.names())
        }
      }
    }
  }

  /// How many each service could not take; nothing where the broker is not known.
  private func deadLetters() async throws -> [String: Int] {
    guard let url = address.values()["VESTIBULE_AMQP_URL"] else { return [:] }
    let administration = Administration(try AMQPConfiguration(url: url), logger: Logger(label: "vestibule"))
    var counts: [String: Int] = [:]
    for service in ServiceName.allCases {
      counts[service.rawValue] =
        try await administration.status(ofQueue: service.deadLetterQueue).messageCount
    }
    await administration.close()
    return counts
  }
}

/// What `health` found.
struct HealthReport: Sendable {
  let approval: Vestibule_Api_V1_ApprovalHealth
  let routing: [Vestibule_Model_V1_ApprovalRouting]
  let zombies: [String]
  let packageChanges: [Vestibule_Api_V1_PackageChange]
  let deadLetters: [String: Int]
  let names: [String: String]

  /// A package's change that is under way is no fault.
  var isHealthy: Bool {
    approval.deadStages.isEmpty && approval.organizations.isEmpty && routing.isEmpty && zombies.isEmpty
      && deadLetters.values.allSatisfy { $0 == 0 }
  }

  var lines: [String] {
    let faults =
      approval.deadStages.map(line) + approval.organizations.map(line) + routing.map(line)
      + zombies.map { "guest \($0) should have gone" }
      + deadLetters.sorted { $0.key < $1.key }.filter { $0.value > 0 }
      .map { "\($0.key) could not take \($0.value) messages: `vestibule dead-letters list`" }
    let running = packageChanges.map {
      "package \($0.accessPackage) is changing: \($0.done) done, \($0.left) left"
    }
    return (faults.isEmpty ? ["nothing is wrong"] : faults) + running
  }

  func jsonText() throws -> String {
    func object(_ message: some SwiftProtobuf.Message) throws -> Any {
      try JSONSerialization.jsonObject(with: message.jsonUTF8Data())
    }
    let root: [String: Any] = [
      "isHealthy": isHealthy, "approval": try object(approval), "routing": try routing.map(object),
      "zombies": zombies, "packageChanges": try packageChanges.map(object), "deadLetters": deadLetters,
    ]
    return String(
      decoding: try JSONSerialization.data(withJSONObject: root, options: [.sortedKeys, .prettyPrinted]),
      as: UTF8.self)
  }

  private func line(_ dead: Vestibule_Api_V1_ApprovalHealth.DeadStage) -> String {
    var audience = dead.organizations.map(name)
    let more = Int(dead.organizationCount) - audience.count
    if more > 0 { audience.append("\(more) more") }
    if dead.isForPeopleOfNoOrganization { audience.append("people of no organization") }
    return """
      policy \(name(dead.assignmentPolicy)), stage \(dead.stage): nobody decides for \
      \(audience.joined(separator: ", ")) (\(dead.absences.joined(separator: ", ")))
      """
  }

  private func line(_ lack: Vestibule_Api_V1_ApprovalHealth.LackOfSponsors) -> String {
    "organization \(name(lack.organization)): \(lack.sponsors) of at least 2 sponsors"
  }

  private func line(_ item: Vestibule_Model_V1_ApprovalRouting) -> String {
    "\(item.waiting) requests under \(name(item.assignmentPolicy)) wait for nobody: `vestibule approvals routing`"
  }

  private func name(_ id: String) -> String { names[id] ?? id }
}

extension ApprovalDesk {
  func health() async throws -> Vestibule_Api_V1_ApprovalHealth {
    try await approvals.approvals.getHealth(.with { $0.tenant = tenant.text }, metadata: .bearer(token))
  }
}

extension GuestDesk {
  func packageChanges() async throws -> [Vestibule_Api_V1_PackageChange] {
    try await access.assignments.listPackageChanges(
      .with { $0.tenant = tenant.text }, metadata: .bearer(token)
    ).changes
  }
}
