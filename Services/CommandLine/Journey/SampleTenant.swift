import ArgumentParser
import EntitlementModel
import Foundation
import LocalSystem
import Messaging

/// The tenant of `deploy/contoso.yaml`, as demonstrations and measurements use it.
struct SampleTenant: Sendable {
  static let name = "contoso"
  let id = ObjectNames.tenantID(SampleTenant.name)

  private var names: ObjectNames { ObjectNames(tenant: id) }

  func package(_ name: String) -> UUID { UUID(uuidString: names.id("accessPackage", name)) ?? id }

  /// Applies the file; the environment's names in it are the running system's.
  func apply(_ path: String, to system: LocalSystem, environment: [String: String] = [:]) async throws {
    let address = try SystemAddress.parse([
      "--directory", system.options.directory.path(percentEncoded: false),
    ])
    let file = try TenantFile(path: path, environment: address.values().merging(environment) { $1 })
    let url = system.copies(of: .requestIntake)[0].grpcURL
    _ = try await withServiceConnection(url) { connection in
      try await TenantApplication(
        file: file, connection: connection, tokens: Tokens(address: address), isDryRun: false, tell: { _ in }
      ).run()
    }
  }

  /// The file beside the checkout's scripts, found from the executable upward or the current directory.
  static func file(_ name: String) throws -> String {
    var folder = LocalSystem.Options.besideThisExecutable
    let candidates =
      [URL(filePath: FileManager.default.currentDirectoryPath)]
      + (0..<6).map { _ in
        folder = folder.deletingLastPathComponent()
        return folder
      }
    for candidate in candidates {
      let path = candidate.appending(path: "deploy/\(name)").path(percentEncoded: false)
      if FileManager.default.fileExists(atPath: path) { return path }
    }
    throw Failure.file("deploy/\(name)", "not found beside the executable or in the current directory")
  }
}
