import Dispatch
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Ports of this machine's loopback interface.
package enum Loopback {
  /// A port that nobody listens on now, and that no other call of this function, in any process of this machine,
  /// is given while this process lives. It lies below the range from which the kernel takes ports for outgoing
  /// connections, so that none of those can get in between.
  package static func freePort() throws -> Int {
    for _ in 0..<200 {
      let port = Int.random(in: 20_000..<32_000)
      if canListen(port), reserve(port) { return port }
    }
    throw LocalSystemError.system(call: "bind", errno: EADDRINUSE)
  }

  /// Takes the port's name in the kernel's abstract namespace; its descriptor stays open until the process ends.
  private static func reserve(_ port: Int) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      path.dropFirst().copyBytes(from: "vestibule-port-\(port)".utf8)
    }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let isOurs = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) } == 0
    }
    if !isOurs { close(descriptor) }
    return isOurs
  }

  private static func canListen(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return withAddress(of: port) { bind(descriptor, $0, $1) } == 0
  }

  /// Connects, sends `request` and gives back the first bytes of the answer; nil when there is none
  /// within `limit`. It runs on a thread of its own, since it blocks.
  static func exchange(_ request: [UInt8], port: Int, within limit: Duration) async -> [UInt8]? {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(returning: exchangeBlocking(request, port: port, within: limit))
      }
    }
  }

  private static func exchangeBlocking(_ request: [UInt8], port: Int, within limit: Duration) -> [UInt8]? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: Int(limit.components.seconds), tv_usec: 100_000)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
    guard withAddress(of: port, { connect(descriptor, $0, $1) }) == 0,
      send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
    else { return nil }
    var answer = [UInt8](repeating: 0, count: 512)
    let count = recv(descriptor, &answer, answer.count, 0)
    return count > 0 ? Array(answer.prefix(count)) : nil
  }

  private static func withAddress(
    of port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
    }
  }
}
