import Logging

/// What `--migrate-only` is told: it needs nothing but the database, as its owner.
struct MigrationConfiguration: Sendable {
  let url: String
  let logLevel: Logger.Level
  let logFormat: LogFormat

  init(_ settings: SettingReader) throws(ConfigurationError) {
    url = try settings.required(
      "VESTIBULE_MIGRATION_URL", "the postgres:// URL of the role that owns the schema",
      ServiceConfiguration.database)
    logLevel = try ServiceConfiguration.logLevel(settings)
    logFormat =
      try settings.optional("VESTIBULE_LOG_FORMAT", "text or json") { LogFormat(rawValue: $0) } ?? .text
  }
}
