package import Postgres

/// What every service's schema begins with.
package enum MessagingMigrations {
  package static var core: [Migration] {
    [
      Migration(
        name: "M0001_messaging", sql: String(decoding: PackageResources.M0001_messaging_sql, as: UTF8.self))
    ]
  }

  /// What was changed, by whom: of every service.
  package static var audit: [Migration] {
    [
      Migration(
        name: "M0004_audit", sql: String(decoding: PackageResources.M0004_audit_sql, as: UTF8.self))
    ]
  }

  /// Whose sessions were ended, and whom deadlines tell: what every service's schema ends with.
  package static var people: [Migration] {
    [
      Migration(
        name: "M0155_session_not_before",
        sql: String(decoding: PackageResources.M0155_session_not_before_sql, as: UTF8.self)),
      Migration(
        name: "M0156_deadline_recipient",
        sql: String(decoding: PackageResources.M0156_deadline_recipient_sql, as: UTF8.self)),
    ]
  }

  /// What services keep of each other's chains: of every service.
  package static var auditWitness: [Migration] {
    [
      Migration(
        name: "M0230_audit_witness",
        sql: String(decoding: PackageResources.M0230_audit_witness_sql, as: UTF8.self))
    ]
  }

  /// Who was erased, and whose chain is to be shortened: of every service.
  package static var erasure: [Migration] {
    [
      Migration(
        name: "M0231_erased_subject",
        sql: String(decoding: PackageResources.M0231_erased_subject_sql, as: UTF8.self)),
      Migration(
        name: "M0232_audit_retention",
        sql: String(decoding: PackageResources.M0232_audit_retention_sql, as: UTF8.self)),
    ]
  }

  /// About whom something was changed: of every service.
  package static var callers: [Migration] {
    [
      Migration(
        name: "M0250_changed_caller",
        sql: String(decoding: PackageResources.M0250_changed_caller_sql, as: UTF8.self))
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

  /// For services that keep copies of who is in named groups.
  package static var groupMemberCopy: [Migration] {
    [
      Migration(
        name: "M0003_group_member_copy",
        sql: String(decoding: PackageResources.M0003_group_member_copy_sql, as: UTF8.self))
    ]
  }
}
