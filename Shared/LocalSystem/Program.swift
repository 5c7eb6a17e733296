package import Foundation

/// Where the programs are that we run but do not ship.
package enum Program {
  /// The first of `candidates` that may be executed, else the first of that name on `PATH`.
  ///
  /// - Throws: `LocalSystemError.programMissing` naming the package to install.
  package static func find(_ name: String, at candidates: [URL] = [], package: String) throws -> URL {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    let onPath = path.split(separator: ":").map { URL(filePath: String($0)).appending(path: name) }
    let found = (candidates + onPath).first { FileManager.default.isExecutableFile(atPath: $0.path) }
    guard let found else { throw LocalSystemError.programMissing(name: name, package: package) }
    return found
  }

  /// A program of the newest PostgreSQL server that is installed.
  package static func postgres(_ name: String) throws -> URL {
    let root = URL(filePath: "/usr/lib/postgresql")
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    let newestFirst = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
    let candidates = newestFirst.map { root.appending(path: "\($0)/bin/\(name)") }
    return try find(name, at: candidates, package: "postgresql")
  }

  /// RabbitMQ's own scripts: the wrappers of the same name on `PATH` change user and folder.
  package static func rabbitMQ(_ name: String) throws -> URL {
    try find(name, at: [URL(filePath: "/usr/lib/rabbitmq/bin/\(name)")], package: "rabbitmq-server")
  }

  static func setpriv() throws -> URL {
    try find("setpriv", package: "util-linux")
  }
}
