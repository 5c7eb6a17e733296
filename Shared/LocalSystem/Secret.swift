package import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Passwords that this machine alone needs: made once, kept in files that only their owner may read.
package enum Secret {
  /// 160 random bits in hexadecimal, which needs no escaping in URLs, SQL or Erlang.
  package static func random() -> String {
    let bytes = (0..<20).map { _ in UInt8.random(in: .min ... .max) }
    return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The secret in `file`, made at the first call.
  package static func kept(in file: URL) throws -> String {
    if let known = try? String(contentsOf: file, encoding: .utf8), !known.isEmpty { return known }
    let fresh = random()
    try write(fresh, to: file)
    return fresh
  }

  /// Replaces `file` in one step; at no moment may another user read it.
  package static func write(_ text: String, to file: URL, mode: mode_t = 0o600) throws {
    let draft = file.appendingPathExtension("new")
    unlink(draft.path)
    let descriptor = open(draft.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw LocalSystemError.system(call: "open", errno: errno) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
    guard rename(draft.path, file.path) == 0 else {
      throw LocalSystemError.system(call: "rename", errno: errno)
    }
  }
}
