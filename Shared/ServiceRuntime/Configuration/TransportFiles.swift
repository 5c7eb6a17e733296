import Foundation

/// The PEM files that TLS is done with.
package struct TransportFiles: Sendable, Equatable {
  /// This service's own certificate chain and its private key.
  package struct Own: Sendable, Equatable {
    package let certificate: String
    package let key: String
  }

  /// With it, the gRPC API is served over TLS and shown to other services.
  package let own: Own?
  /// The authority that callers' certificates, and those of the services called, must be signed by.
  package let clientAuthority: String?

  package static let none = TransportFiles(own: nil, clientAuthority: nil)

  package init(own: Own?, clientAuthority: String?) {
    (self.own, self.clientAuthority) = (own, clientAuthority)
  }

  init(_ settings: SettingReader) throws(ConfigurationError) {
    let (certificateName, keyName) = ("VESTIBULE_TLS_CERTIFICATE", "VESTIBULE_TLS_KEY")
    let certificate = try settings.optional(certificateName, "a readable PEM file", Self.readable)
    let key = try settings.optional(keyName, "a readable PEM file", Self.readable)
    switch (certificate, key) {
    case (let certificate?, let key?): own = Own(certificate: certificate, key: key)
    case (nil, nil): own = nil
    case (nil, .some):
      throw ConfigurationError(certificateName, expected: "set together with \(keyName)", isMissing: true)
    case (.some, nil):
      throw ConfigurationError(keyName, expected: "set together with \(certificateName)", isMissing: true)
    }
    let authorityName = "VESTIBULE_TLS_CLIENT_CA"
    clientAuthority = try settings.optional(authorityName, "a readable PEM file", Self.readable)
  }

  private static func readable(_ path: String) -> String? {
    FileManager.default.isReadableFile(atPath: path) ? path : nil
  }
}
