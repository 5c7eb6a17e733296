import ArgumentParser
import EntitlementModel
import Foundation
import GRPCCore
import Protocols
import SwiftProtobuf

struct Republish: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tells the present state of live aggregates again, for readers that lost their copies.")

  @Option(help: "request, configuration, subject, approval, assignment, guest or group; all without it.")
  var type =
    ""
  @Option(help: "The tenant, by name; all without it.") var tenant: String?
  @OptionGroup var address: SystemAddress

  private static let owners = ["REQUEST_INTAKE", "APPROVAL", "PROVISIONING"]

  func run() async throws {
    let token = try Tokens(address: address).operating()
    for owner in Self.owners {
      let url = try address.value("VESTIBULE_\(owner)_GRPC_URL")
      let told = try await withServiceConnection(url) { try await republish($0, token) }
      Terminal.say("\(owner.lowercased().replacing("_", with: "-")): \(told) told again")
    }
  }

  private func republish(_ connection: ServiceConnection, _ token: String) async throws -> Int64 {
    var request = Vestibule_Api_V1_RepublishRequest.with {
      $0.type = type
      $0.tenant = tenant.map { ObjectNames.tenantID($0).uuidString.lowercased() } ?? ""
    }
    var told: Int64 = 0
    repeat {
      let page = try await connection.operations.republish(request, metadata: .bearer(token))
      told += page.published
      request.position = page.position
    } while !request.position.isEmpty
    return told
  }
}
