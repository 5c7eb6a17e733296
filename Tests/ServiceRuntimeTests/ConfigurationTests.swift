import Configuration
import Logging
import Testing

@testable import ServiceRuntime

@Suite("The environment is checked before anything connects")
struct ConfigurationTests {
  static let good = [
    "VESTIBULE_DATABASE_URL": "postgres://vestibule:secret@127.0.0.1:5432/vestibule",
    "VESTIBULE_AMQP_URL": "amqp://vestibule:secret@127.0.0.1:5672/%2F",
    "VESTIBULE_GRPC_ADDRESS": "127.0.0.1:7001", "VESTIBULE_HTTP_ADDRESS": "[::1]:8001",
  ]

  private func read(_ changes: [String: String?] = [:]) throws -> ServiceConfiguration {
    var environment = Self.good
    for (name, value) in changes { environment[name] = value }
    let provider = EnvironmentVariablesProvider(environmentVariables: environment)
    return try ServiceConfiguration(ConfigReader(provider: provider))
  }

  @Test("The least that is needed, and what is meant by the rest")
  func defaults() throws {
    let configuration = try read()
    #expect(configuration.grpcAddress.description == "127.0.0.1:7001")
    #expect(configuration.httpAddress.host == "::1")
    #expect(configuration.logLevel == .info && configuration.logFormat == .text)
    #expect(configuration.databasePool == 4 && configuration.prefetch == 1_000)
    #expect(configuration.transportFiles == .none && configuration.requestIntake == nil)
  }

  @Test("What else can be said")
  func everything() throws {
    let configuration = try read([
      "VESTIBULE_LOG_LEVEL": "debug", "VESTIBULE_LOG_FORMAT": "json", "VESTIBULE_DATABASE_POOL": "8",
      "VESTIBULE_DEVELOPMENT_ISSUER": "http://127.0.0.1:9000", "VESTIBULE_PREFETCH": "50",
      "VESTIBULE_REQUEST_INTAKE_GRPC_URL": "https://intake.vestibule.svc:7001",
    ])
    #expect(configuration.logLevel == .debug && configuration.logFormat == .json)
    #expect(configuration.databasePool == 8 && configuration.prefetch == 50)
    #expect(configuration.requestIntake?.isSecure == true)
    #expect(configuration.developmentIssuer == "http://127.0.0.1:9000")
  }

  @Test("What is missing is named", arguments: good.keys.sorted())
  func missing(_ variable: String) throws {
    #expect {
      try read([variable: nil])
    } throws: { error in
      guard let error = error as? ConfigurationError else { return false }
      return error.variable == variable && error.isMissing && !"\(error)".contains("\n")
    }
  }

  @Test(
    "What is wrong is named, and its value is not shown",
    arguments: [
      ("VESTIBULE_DATABASE_URL", "mysql://user:hunter2@host/db"),
      ("VESTIBULE_AMQP_URL", "http://user:hunter2@host"),
      ("VESTIBULE_GRPC_ADDRESS", "7001"), ("VESTIBULE_GRPC_ADDRESS", "127.0.0.1:70001"),
      ("VESTIBULE_GRPC_ADDRESS", "host.example:7001"), ("VESTIBULE_HTTP_ADDRESS", "300.0.0.1:80"),
      ("VESTIBULE_LOG_LEVEL", "loud"), ("VESTIBULE_LOG_FORMAT", "xml"),
      ("VESTIBULE_ISSUERS", "/nowhere/issuers.json"),
      ("VESTIBULE_DEVELOPMENT_ISSUER", "http://0.0.0.0:9000"), ("VESTIBULE_MIGRATION_URL", "hunter2"),
      ("VESTIBULE_REQUEST_INTAKE_GRPC_URL", "intake:7001"), ("VESTIBULE_DATABASE_POOL", "-5"),
      ("VESTIBULE_PREFETCH", "many"), ("VESTIBULE_TLS_CERTIFICATE", "/nowhere/certificate.pem"),
    ])
  func wrong(_ variable: String, _ value: String) throws {
    #expect {
      try read([variable: value])
    } throws: { error in
      guard let error = error as? ConfigurationError else { return false }
      return error.variable == variable && !"\(error)".contains(value) && !"\(error)".contains("\n")
    }
  }

  @Test("A certificate needs its key")
  func certificateWithoutKey() throws {
    #expect {
      try read(["VESTIBULE_TLS_CERTIFICATE": #filePath])
    } throws: { error in
      (error as? ConfigurationError)?.variable == "VESTIBULE_TLS_KEY"
    }
  }

  @Test("Migrating needs the owner's address alone")
  func migration() throws {
    #expect(throws: ConfigurationError.self) { try MigrationConfiguration(SettingReader(environment: [:])) }
    let settings = SettingReader(environment: [
      "VESTIBULE_MIGRATION_URL": "postgres://owner@127.0.0.1/vestibule"
    ])
    #expect(try MigrationConfiguration(settings).url.hasPrefix("postgres://owner"))
  }

  @Test("Arguments")
  func arguments() throws {
    #expect(try Arguments.parse([String]()) == .serve)
    #expect(try Arguments.parse(["--migrate-only"]) == .migrateOnly)
    #expect(try Arguments.parse(["--help"]) == .help)
    #expect(try Arguments.parse(["--version"]) == .version)
    #expect(throws: Arguments.Unknown(argument: "--verbose")) { try Arguments.parse(["--verbose"]) }
  }
}
