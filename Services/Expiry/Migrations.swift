import Messaging
import Postgres

/// The history of the schema `expiry`, oldest first.
enum ExpiryMigrations {
  static var all: [Migration] {
    MessagingMigrations.core + [
      Migration(name: "M0101_deadline_kinds", sql: PackageResources.M0101_deadline_kinds_sql),
      Migration(name: "M0150_notice", sql: PackageResources.M0150_notice_sql),
    ] + MessagingMigrations.people + MessagingMigrations.audit + [
      Migration(name: "M0211_tenant_pages", sql: PackageResources.M0211_tenant_pages_sql)
    ] + MessagingMigrations.auditWitness + MessagingMigrations.erasure + MessagingMigrations.callers
  }
}
