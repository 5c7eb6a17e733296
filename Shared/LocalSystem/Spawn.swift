import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Starts a program that inherits three descriptors and nothing else of ours.
///
/// Foundation's `Process` learns of a child's end from a socket that the next child inherits: beside a long-lived
/// child, the end of a short one may go unseen for ever. Here every descriptor of ours is marked to be closed before
/// anything can be started, and a child is waited for by its process id.
struct Spawn {
  /// Held while something is started, and while a descriptor is open that is not marked yet.
  static let descriptors = Mutex(())

  let program: URL
  let arguments: [String]
  let environment: [String: String]
  let input: Int32
  let output: Int32

  /// - Returns: the child's process id; whoever gets it must wait for it.
  func callAsFunction() throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    receiveSignals(&attributes)
    var pid: pid_t = 0
    // Its own directory may be one that the child's user can not enter.
    let words = CStrings(["env", "-C", "/", program.path] + arguments)
    let values = CStrings(childEnvironment(adding: environment).map { "\($0.key)=\($0.value)" })
    let failed = Self.descriptors.withLock { _ in
      posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, words.pointers, values.pointers)
    }
    guard failed == 0 else { throw LocalSystemError.system(call: "posix_spawn", errno: failed) }
    return pid
  }

  /// Threads of a pool block all signals; a child that inherited that would be deaf to SIGTERM.
  private func receiveSignals(_ attributes: inout posix_spawnattr_t) {
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
  }
}

/// Texts as C takes them: an array of pointers that ends with a null one.
private final class CStrings {
  let pointers: [UnsafeMutablePointer<CChar>?]

  init(_ texts: [String]) {
    pointers = texts.map { strdup($0) } + [nil]
  }

  deinit {
    for pointer in pointers { free(pointer) }
  }
}

/// How a child ended: its exit status, or the number of the signal.
func ending(of status: Int32) -> Int32 {
  let signal = status & 0x7F
  return signal == 0 ? (status >> 8) & 0xFF : signal
}

/// What every child gets of our own environment, and what it alone gets.
func childEnvironment(adding own: [String: String]) -> [String: String] {
  let inherited = ["PATH", "HOME", "LANG", "TZ", "LD_LIBRARY_PATH", "TMPDIR"]
  let ours = ProcessInfo.processInfo.environment.filter { inherited.contains($0.key) }
  return ours.merging(own) { _, own in own }
}
