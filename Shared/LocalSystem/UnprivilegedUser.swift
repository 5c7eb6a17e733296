import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// The user as whom a server runs that refuses to run as root.
package struct UnprivilegedUser: Sendable, Equatable {
  package let name: String
  let id: uid_t
  let group: gid_t

  /// `postgres` if there is one, else `nobody`; nil when we are not root ourselves.
  package static func forPostgres() -> UnprivilegedUser? {
    guard geteuid() == 0 else { return nil }
    return UnprivilegedUser(named: "postgres") ?? UnprivilegedUser(named: "nobody")
  }

  private init?(named name: String) {
    guard let entry = getpwnam(name) else { return nil }
    (self.name, id, group) = (name, entry.pointee.pw_uid, entry.pointee.pw_gid)
  }

  var setprivArguments: [String] {
    ["--reuid", String(id), "--regid", String(group), "--init-groups"]
  }

  /// Whether this user may enter `directory`: every folder above it must let them through.
  func canReach(_ directory: URL) async -> Bool {
    guard let launcher = try? Program.setpriv() else { return false }
    let test = Command(launcher, setprivArguments + ["/usr/bin/test", "-w", directory.path])
    return (try? await test.run()) != nil
  }

  func own(_ file: URL) throws {
    guard chown(file.path, id, group) == 0 else {
      throw LocalSystemError.system(call: "chown", errno: errno)
    }
  }
}
