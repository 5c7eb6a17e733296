import Messaging
import Postgres

/// The history of the schemas `provisioning` and `directory`.
enum ProvisioningMigrations {
  static var all: [Migration] {
    MessagingMigrations.core + MessagingMigrations.configurationCopy + [
      Migration(name: "M0100_provisioning", sql: PackageResources.M0100_provisioning_sql),
      Migration(name: "M0101_directory", sql: PackageResources.M0101_directory_sql),
      Migration(name: "M0102_package_change", sql: PackageResources.M0102_package_change_sql),
      Migration(name: "M0103_revocation", sql: PackageResources.M0103_revocation_sql),
      Migration(name: "M0120_resource_refresh", sql: PackageResources.M0120_resource_refresh_sql),
      Migration(name: "M0130_groups", sql: PackageResources.M0130_groups_sql),
      Migration(name: "M0150_organization_end", sql: PackageResources.M0150_organization_end_sql),
      Migration(name: "M0151_lifecycle", sql: PackageResources.M0151_lifecycle_sql),
    ] + MessagingMigrations.people + MessagingMigrations.audit + [
      Migration(name: "M0220_note_members", sql: PackageResources.M0220_note_members_sql),
      Migration(name: "M0200_membership_person", sql: PackageResources.M0200_membership_person_sql),
      Migration(name: "M0201_linked_people", sql: PackageResources.M0201_linked_people_sql),
      Migration(name: "M0190_reprocess", sql: PackageResources.M0190_reprocess_sql),
      Migration(name: "M0202_held_twice", sql: PackageResources.M0202_held_twice_sql),
      Migration(name: "M0211_tenant_pages", sql: PackageResources.M0211_tenant_pages_sql),
      Migration(name: "M0181_account_attribute", sql: PackageResources.M0181_account_attribute_sql),
    ] + MessagingMigrations.auditWitness + [
      Migration(name: "M0260_overwritten_attribute", sql: PackageResources.M0260_overwritten_attribute_sql)
    ] + MessagingMigrations.erasure + MessagingMigrations.callers + [
      Migration(name: "M0290_scheduled_request", sql: PackageResources.M0290_scheduled_request_sql),
      Migration(name: "M0291_contract_cap", sql: PackageResources.M0291_contract_cap_sql),
      Migration(name: "M0263_closed_errors", sql: PackageResources.M0263_closed_errors_sql),
    ]
  }
}
