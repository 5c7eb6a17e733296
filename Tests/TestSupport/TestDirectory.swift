package import Foundation
import LocalSystem

/// Where tests keep files: below the project's `.local/test`, in a directory for each run.
package enum TestDirectory {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: ".local/test")

  /// This run's own directory. Its lock, held as long as the process lives, tells other runs that it is in use.
  private static let run = Result<(directory: URL, lock: DirectoryLock), any Error> {
    let own = root.appending(path: "run-\(ProcessInfo.processInfo.processIdentifier)-\(UUID())")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    let lock = try DirectoryLock(own)
    Task { await sweep() }
    return (own, lock)
  }

  static func ofThisRun() throws -> URL { try run.get().directory }

  /// A directory for one test alone; remove it with `remove`, or leave it to the next run.
  package static func make() throws -> URL {
    let directory = try ofThisRun().appending(path: "case-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return directory
  }

  /// Removes a directory and a stopped server's data that belong to it.
  package static func remove(_ directory: URL) async {
    let server = try? await PostgresServer(directory: directory)
    try? await server?.removeData()
    try? FileManager.default.removeItem(at: directory)
  }

  /// Removes what runs that have ended left behind.
  private static func sweep() async {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    for name in names where name.hasPrefix("run-") {
      let directory = root.appending(path: name)
      guard (try? DirectoryLock(directory)) != nil else { continue }
      let inside = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
      for name in inside where name.hasPrefix("case-") { await remove(directory.appending(path: name)) }
      await remove(directory)
    }
  }
}
