import AMQP
package import Configuration
import Foundation
import Identity
package import Logging

/// What every service is told by its environment; validated before anything connects.
package struct ServiceConfiguration: Sendable {
  package let databaseURL: String
  package let amqpURL: String
  package let grpcAddress: ListenAddress
  package let httpAddress: ListenAddress
  package let logLevel: Logger.Level
  package let logFormat: LogFormat
  /// The file of the operator's issuers.
  package let issuersFile: String?
  /// The development issuer's address, on this machine alone.
  package let developmentIssuer: String?
  /// The database role that owns the schema: for `--migrate-only` alone.
  package let migrationURL: String?
  package let requestIntake: PeerAddress?
  package let transportFiles: TransportFiles
  /// Connections to the database.
  package let databasePool: Int
  /// Messages a consumer may hold.
  package let prefetch: Int
  /// For what a service reads beyond this.
  package let settings: SettingReader

  package init(_ reader: ConfigReader) throws(ConfigurationError) {
    try self.init(SettingReader(reader))
  }

  package init(_ settings: SettingReader) throws(ConfigurationError) {
    self.settings = settings
    databaseURL = try settings.required("VESTIBULE_DATABASE_URL", Self.databaseForm, Self.database)
    amqpURL = try settings.required("VESTIBULE_AMQP_URL", "amqp://user:password@host:port/vhost, or amqps://")
    {
      (try? AMQPConfiguration(url: $0)) == nil ? nil : $0
    }
    grpcAddress = try settings.required("VESTIBULE_GRPC_ADDRESS", "IP:PORT to listen on") {
      ListenAddress($0)
    }
    httpAddress = try settings.required("VESTIBULE_HTTP_ADDRESS", "IP:PORT to listen on") {
      ListenAddress($0)
    }
    logLevel = try Self.logLevel(settings)
    logFormat =
      try settings.optional("VESTIBULE_LOG_FORMAT", "text or json") { LogFormat(rawValue: $0) } ?? .text
    issuersFile = try settings.optional("VESTIBULE_ISSUERS", "a readable file") {
      FileManager.default.isReadableFile(atPath: $0) ? $0 : nil
    }
    developmentIssuer = try settings.optional("VESTIBULE_DEVELOPMENT_ISSUER", "http://127.0.0.1:PORT") {
      Origin($0)?.isLoopback == true ? $0 : nil
    }
    migrationURL = try settings.optional("VESTIBULE_MIGRATION_URL", Self.databaseForm, Self.database)
    requestIntake = try settings.optional(Self.intakeVariable, Self.peerForm) { PeerAddress($0) }
    transportFiles = try TransportFiles(settings)
    databasePool = try settings.int("VESTIBULE_DATABASE_POOL", in: 1...100, default: 4)
    prefetch = try settings.int("VESTIBULE_PREFETCH", in: 1...10_000, default: 1_000)
  }

  /// Where request-intake is, for a service that asks it who its callers are.
  package func requireRequestIntake() throws(ConfigurationError) -> PeerAddress {
    guard let requestIntake else {
      throw ConfigurationError(Self.intakeVariable, expected: Self.peerForm, isMissing: true)
    }
    return requestIntake
  }

  private static let intakeVariable = "VESTIBULE_REQUEST_INTAKE_GRPC_URL"
  private static let peerForm = "http://host:port, or https://host:port"
  private static let databaseForm = "a postgres:// URL"

  static func database(_ text: String) -> String? {
    text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") ? text : nil
  }

  static func logLevel(_ settings: SettingReader) throws(ConfigurationError) -> Logger.Level {
    let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
    return try settings.optional("VESTIBULE_LOG_LEVEL", "one of \(levels)") { Logger.Level(rawValue: $0) }
      ?? .info
  }
}
