/// What can go wrong while a program of this machine is started, asked or stopped.
///
/// `code` is stable: scripts and tests may compare it. No case carries a secret.
package enum LocalSystemError: Error, Equatable, Sendable {
  /// A program is not installed; `package` names the Debian package that has it.
  case programMissing(name: String, package: String)
  /// A short-lived program ended with a status other than zero.
  case commandFailed(program: String, status: Int32, output: String)
  /// A long-lived program ended although it should run.
  case exited(name: String, status: Int32, log: String)
  /// A program did not become ready within its deadline.
  case notReady(name: String, within: Duration, log: String)
  /// Somebody else runs a system in this directory.
  case directoryInUse(path: String)
  /// A directory that must be private belongs to somebody else.
  case directoryNotPrivate(path: String)
  /// The development issuer is for this machine only.
  case notLoopback(address: String)
  /// A server's address, given from outside, cannot be read.
  case unusableURL(variable: String)
  /// The operating system refused a call.
  case system(call: String, errno: Int32)

  package var code: String {
    switch self {
    case .programMissing: "programMissing"
    case .commandFailed: "commandFailed"
    case .exited: "exited"
    case .notReady: "notReady"
    case .directoryInUse: "directoryInUse"
    case .directoryNotPrivate: "directoryNotPrivate"
    case .notLoopback: "notLoopback"
    case .unusableURL: "unusableURL"
    case .system: "system"
    }
  }
}

extension LocalSystemError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .programMissing(let name, let package):
      "\(name) is not installed: install the package \(package)"
    case .commandFailed(let program, let status, let output):
      "\(program) failed with status \(status): \(output)"
    case .exited(let name, let status, let log):
      "\(name) ended with status \(status); see \(log)"
    case .notReady(let name, let limit, let log):
      "\(name) was not ready within \(limit); see \(log)"
    case .directoryInUse(let path):
      "another Vestibule is running in \(path): stop it, or choose another directory"
    case .directoryNotPrivate(let path):
      "\(path) belongs to another user: remove it, or choose another directory"
    case .notLoopback(let address):
      "the development issuer listens on a loopback address only, not on \(address)"
    case .unusableURL(let variable):
      "\(variable) is not a usable address"
    case .system(let call, let errno):
      "\(call) failed with error number \(errno)"
    }
  }
}
