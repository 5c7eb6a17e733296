import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Yams

struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints a tenant's configuration as `apply` takes it.")

  @Option(help: "The tenant, by name.") var tenant: String
  @OptionGroup var address: SystemAddress

  func run() async throws {
    let url = try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL")
    let token = try Tokens(address: address).administering(tenant)
    let id = ObjectNames.tenantID(tenant)
    let root = try await withServiceConnection(url) { connection in
      try await TenantExport(tenant: id, connection: connection, token: token).text()
    }
    Terminal.note("")
    Terminal.say(root)
  }
}

/// Reads all of a tenant's configuration and writes it by names.
struct TenantExport {
  let tenant: UUID
  let connection: ServiceConnection
  let token: String

  func text() async throws -> String {
    var objects: [Vestibule_Model_V1_ConfigurationObject] = []
    for section in FileSection.allCases where section.field != nil { objects += try await list(section.kind) }
    let people = try await subjects(namedBy: objects)
    var names: [String: String] = [:]
    for object in objects { names[object.id] = object.name }
    for person in people { names[person.id] = person.title }
    var sections: [(Node, Node)] = []
    for section in FileSection.allCases {
      let entries: [Any]
      if let field = section.field {
        entries = try objects.filter { $0.kind == section.kind }.map { try entry($0, field: field, names) }
      } else {
        entries = try people.map { try entry($0, names) }
      }
      guard let first = entries.first else { continue }
      sections.append((Node(section.rawValue), YAMLText.node(section.isSingle ? first : entries)))
    }
    return try Yams.serialize(node: .mapping(Node.Mapping(sections)), allowUnicode: true)
  }

  func list(_ kind: Vestibule_Api_V1_Kind) async throws -> [Vestibule_Model_V1_ConfigurationObject] {
    var (found, request) = ([Vestibule_Model_V1_ConfigurationObject](), Vestibule_Api_V1_ListRequest())
    (request.tenant, request.kind, request.page.pageSize) = (tenant.text, kind, 1_000)
    repeat {
      let page = try await connection.configuration.list(request, metadata: .bearer(token))
      found += page.objects
      request.page.pageToken = page.nextPageToken
    } while !request.page.pageToken.isEmpty
    return found
  }

  /// The people that the configuration names (sponsors, approvers, holders of roles), and whom these name.
  private func subjects(
    namedBy objects: [Vestibule_Model_V1_ConfigurationObject]
  ) async throws -> [Vestibule_Model_V1_Subject] {
    var open = Set(objects.flatMap(\.references).filter { $0.referent == .subject }.map(\.id.text))
    var found: [String: Vestibule_Model_V1_Subject] = [:]
    while let id = open.popFirst() {
      let person = try await connection.subjects.get(
        .with {
          $0.tenant = tenant.text
          $0.id = id
        }, metadata: .bearer(token))
      found[id] = person
      open.formUnion(person.people.filter { found[$0] == nil })
    }
    return found.values.sorted { $0.title < $1.title }
  }

  private func entry(
    _ object: Vestibule_Model_V1_ConfigurationObject, field: String, _ names: [String: String]
  ) throws -> [String: Any] {
    var object = object
    object.clearFilledIn()
    object.mapReferences { _, id in names[id] ?? id }
    let json = try JSONSerialization.jsonObject(with: object.jsonUTF8Data()) as? [String: Any]
    var content = json?[field] as? [String: Any] ?? [:]
    content["name"] = object.name
    return content
  }

  private func entry(_ subject: Vestibule_Model_V1_Subject, _ names: [String: String]) throws -> [String: Any]
  {
    var subject = subject
    subject.name = subject.title
    (subject.id, subject.tenant) = ("", "")
    subject.clearVersion()
    subject.organization = names[subject.organization] ?? subject.organization
    subject.mapPeople { names[$0] ?? $0 }
    return try JSONSerialization.jsonObject(with: subject.jsonUTF8Data()) as? [String: Any] ?? [:]
  }
}
