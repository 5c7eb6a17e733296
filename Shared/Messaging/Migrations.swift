package import Postgres

/// What every service's schema begins with.
package enum MessagingMigrations {
  package static var core: [Migration] {
    [
      Migration(
        name: "M0001_messaging", sql: String(decoding: PackageResources.M0001_messaging_sql, as: UTF8.self))
    ]
  }

  /// Whose sessions were ended.
  package static var sessions: [Migration] {
    [
      Migration(
        name: "M0155_session_not_before",
        sql: String(decoding: PackageResources.M0155_session_not_before_sql, as: UTF8.self))
    ]
  }

  /// For services that keep copies of the configuration.
  package static var configurationCopy: [Migration] {
    [
      Migration(
        name: "M0002_configuration_copy",
        sql: String(decoding: PackageResources.M0002_configuration_copy_sql, as: UTF8.self))
    ]
  }
}
