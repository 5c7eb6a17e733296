import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Where key sets are read from: text, a file, or a web server.
struct KeyFetcher: Sendable {
  struct Answer: Sendable {
    let data: Data
    /// How long it may be believed, in seconds.
    let lifetime: TimeInterval
  }

  private static let maximumSize = 256 * 1024
  private static let lifetimes = 60.0...86_400
  private static let defaultLifetime: TimeInterval = 300

  /// Redirects are not followed: a key set comes from where the administrator said, or not at all.
  private static let client: HTTPClient = {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }()

  /// The only origin that may be asked without TLS.
  let developmentOrigin: Origin?

  func fetch(_ source: TrustedIssuer.KeySource) async throws(IdentityError) -> Answer {
    switch source {
    case .jwks(let text):
      return Answer(data: Data(text.utf8), lifetime: .infinity)
    case .file(let path):
      guard let data = FileManager.default.contents(atPath: path) else {
        throw .keysUnavailable("the key set's file cannot be read")
      }
      return Answer(data: data, lifetime: Self.defaultLifetime)
    case .url(let url):
      return try await fetch(url: url)
    }
  }

  private func fetch(url: String) async throws(IdentityError) -> Answer {
    guard let origin = Origin(url), origin.scheme == "https" || origin == developmentOrigin else {
      throw .keysUnavailable("the key set's address must begin with https://")
    }
    do {
      let response = try await Self.client.execute(HTTPClientRequest(url: url), timeout: .seconds(5))
      guard response.status == .ok else {
        throw IdentityError.keysUnavailable("the key set's server answered \(response.status.code)")
      }
      let body = try await response.body.collect(upTo: Self.maximumSize)
      return Answer(data: Data(body.readableBytesView), lifetime: Self.lifetime(response.headers))
    } catch let error as IdentityError {
      throw error
    } catch {
      throw .keysUnavailable("the key set's server cannot be reached, or sends more than 256 KiB")
    }
  }

  private static func lifetime(_ headers: HTTPHeaders) -> TimeInterval {
    let directives = headers[canonicalForm: "cache-control"].map { $0.lowercased() }
    let named = directives.first { $0.hasPrefix("max-age=") }.flatMap { TimeInterval($0.dropFirst(8)) }
    return min(max(named ?? defaultLifetime, lifetimes.lowerBound), lifetimes.upperBound)
  }
}

/// Scheme, host and port of a URL.
package struct Origin: Sendable, Hashable {
  package let scheme: String
  package let host: String
  package let port: Int

  package init?(_ url: String) {
    guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
      let host = parts.host
    else { return nil }
    self.scheme = scheme
    self.host = host.lowercased()
    port = parts.port ?? (scheme == "https" ? 443 : 80)
  }

  /// Whether it can only be reached from this machine.
  package var isLoopback: Bool {
    host == "localhost" || host == "::1" || host == "[::1]"
      || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
  }
}
