/// An IP address and a port to listen on: `127.0.0.1:8080`, `[::1]:8080`; `localhost` is 127.0.0.1. Port 0
/// takes a free one.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
  package let host: String
  package let port: Int

  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      return nil
    }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      self.host = String(host.dropFirst().dropLast())
    } else if host == "localhost" {
      self.host = "127.0.0.1"
    } else {
      let parts = host.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) else { return nil }
      self.host = String(host)
    }
    self.port = Int(port)
  }

  package var isIPv6: Bool { host.contains(":") }
  package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
