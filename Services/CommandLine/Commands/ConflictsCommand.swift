import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct ConflictsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts",
    abstract: "Lists who holds, or asks for, what is to be kept apart.",
    discussion: """
      Of each package: beside which other package, or in which group. Whoever came to it before it was excluded keeps it \
      until it ends; exceptions are listed, too.
      """)
  @Argument(help: "The packages, by name; none for all that exclude something.") var packages: [String] = []
  @Option(help: "The tenant, by name.") var tenant: String
  @OptionGroup var address: SystemAddress

  func run() async throws {
    let named = packages
    let url = try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL")
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    try await withServiceConnection(url) { connection in
      let report = ConflictReport(tenant: id, connection: connection, token: token)
      var lines: [String] = []
      for exclusion in try await report.exclusions(of: named) {
        lines += try await report.holders(exclusion).map { exclusion.line($0) }
      }
      for line in lines { Terminal.say(line) }
      Terminal.say(lines.isEmpty ? "nobody holds what is to be kept apart" : "\(lines.count) conflicts")
    }
  }
}

/// What a package excludes, by name.
struct Exclusion: Sendable {
  enum Other: Sendable {
    case package(id: String, name: String)
    case group(id: String, name: String)
  }
  let package: (id: String, name: String)
  let other: Other

  func line(_ holder: Vestibule_Api_V1_AdditionalAccess) -> String {
    let person = "\(holder.target.email)  \(package.name) (\(holder.assignment))"
    return switch other {
    case .package(_, let name): "\(person)  beside \(name) (\(holder.incompatibleAssignment))"
    case .group(_, let name): "\(person)  in the group \(name)"
    }
  }
}

/// Asks for the conflicts of a tenant's packages.
struct ConflictReport: Sendable {
  let tenant: UUID
  let connection: ServiceConnection
  let token: String

  func exclusions(of names: [String]) async throws -> [Exclusion] {
    let export = TenantExport(tenant: tenant, connection: connection, token: token)
    let packages = try await export.list(.accessPackage)
    let all = packages + (try await export.list(.resource))
    for name in names where !packages.contains(where: { $0.name == name }) {
      throw Failure.unfinished("there is no package \(name)")
    }
    func name(_ id: String) -> String { all.first { $0.id == id }?.name ?? id }
    return packages.filter { names.isEmpty || names.contains($0.name) }.flatMap { object in
      let package = (id: object.id, name: object.name)
      return object.accessPackage.incompatibleAccessPackages.map {
        Exclusion(package: package, other: .package(id: $0.accessPackage, name: name($0.accessPackage)))
      }
        + object.accessPackage.incompatibleGroups.map {
          Exclusion(package: package, other: .group(id: $0.group, name: name($0.group)))
        }
    }
  }

  func holders(_ exclusion: Exclusion) async throws -> [Vestibule_Api_V1_AdditionalAccess] {
    var request = Vestibule_Api_V1_ListAdditionalAccessRequest()
    (request.tenant, request.accessPackage, request.page.pageSize) = (
      tenant.text, exclusion.package.id, 1_000
    )
    switch exclusion.other {
    case .package(let id, _): request.incompatibleAccessPackage = id
    case .group(let id, _): request.incompatibleGroup = id
    }
    var found: [Vestibule_Api_V1_AdditionalAccess] = []
    repeat {
      let page = try await connection.requests.listAdditionalAccess(request, metadata: .bearer(token))
      found += page.holders
      request.page.pageToken = page.nextPageToken
    } while !request.page.pageToken.isEmpty
    return found
  }
}
