import Foundation

/// Where another service's gRPC API is: `http://host:port`, or `https://host:port` for TLS.
package struct PeerAddress: Sendable, Equatable, CustomStringConvertible {
  package let host: String
  package let port: Int
  package let isSecure: Bool

  package init?(_ text: String) {
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
      let port = parts.port,
      parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.user == nil
    else { return nil }
    switch parts.scheme {
    case "http": isSecure = false
    case "https": isSecure = true
    case .some, .none: return nil
    }
    (self.host, self.port) = (host, port)
  }

  package var description: String { "\(isSecure ? "https" : "http")://\(host):\(port)" }
}
