package import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Keeps a second system out of a directory. The kernel gives the lock back when its holder ends, however.
package final class DirectoryLock: Sendable {
  private let descriptor: Int32

  /// - Throws: `LocalSystemError.directoryInUse` when another process holds it.
  package init(_ directory: URL) throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    descriptor = open(directory.appending(path: "lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw LocalSystemError.system(call: "open", errno: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw LocalSystemError.directoryInUse(path: directory.path)
    }
  }

  deinit { close(descriptor) }
}
