import Messaging
import Postgres

/// The history of the schema `expiry`, oldest first.
enum ExpiryMigrations {
  static var all: [Migration] {
    MessagingMigrations.core + [
      Migration(name: "M0101_deadline_kinds", sql: PackageResources.M0101_deadline_kinds_sql)
    ] + MessagingMigrations.sessions
  }
}
