import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct Delete: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Deletes objects of a tenant's configuration that nothing needs any more.",
    discussion: "What is needed is not deleted; the answer names what holds it. `apply` never deletes.")

  @Argument(help: "\(Delete.kinds.map(\.text).joined(separator: ", ")).") var kind: String
  @Argument(help: "The objects, by name.") var names: [String]
  @Option(help: "The tenant, by name.") var tenant: String
  @OptionGroup var address: SystemAddress

  /// An organization is forgotten (`organizations forget`): its people go on from there.
  private static let kinds: [Vestibule_Api_V1_Kind] = [
    .issuer, .roleAssignment, .catalog, .resource, .accessPackage, .assignmentPolicy, .terms,
  ]

  func validate() throws {
    guard Self.kinds.contains(where: { $0.text == kind }) else {
      throw ValidationError(
        "\(kind) can not be deleted: \(Self.kinds.map(\.text).joined(separator: ", ")) can")
    }
    if names.isEmpty { throw ValidationError("say which \(kind)") }
  }

  func run() async throws {
    let url = try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL")
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    guard let wanted = Self.kinds.first(where: { $0.text == kind }) else { return }
    try await withServiceConnection(url) { connection in
      let all = try await TenantExport(tenant: id, connection: connection, token: token).list(wanted)
      let found = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
      for name in names where found[name] == nil { throw Failure.unfinished("there is no \(kind) \(name)") }
      for object in names.compactMap({ found[$0] }) {
        _ = try await connection.configuration.delete(
          .with { ($0.tenant, $0.id) = (id.text, object.id) }, metadata: .bearer(token))
        Terminal.say("- \(kind) \(object.name)")
      }
    }
  }
}
