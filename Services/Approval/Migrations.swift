import Messaging
import Postgres

/// The history of the schema `approval`, oldest first.
enum ApprovalMigrations {
  static var all: [Migration] {
    MessagingMigrations.core + MessagingMigrations.configurationCopy + MessagingMigrations.groupMemberCopy + [
      Migration(name: "M0101_approval", sql: PackageResources.M0101_approval_sql),
      Migration(name: "M0102_stages", sql: PackageResources.M0102_stages_sql),
      Migration(name: "M0103_delegation", sql: PackageResources.M0103_delegation_sql),
      Migration(name: "M0104_revocation", sql: PackageResources.M0104_revocation_sql),
      Migration(name: "M0130_relations", sql: PackageResources.M0130_relations_sql),
      Migration(name: "M0150_linked_people", sql: PackageResources.M0150_linked_people_sql),
    ] + MessagingMigrations.people + MessagingMigrations.audit + [
      Migration(name: "M0170_reassignment", sql: PackageResources.M0170_reassignment_sql),
      Migration(name: "M0171_routing", sql: PackageResources.M0171_routing_sql),
      Migration(name: "M0211_tenant_pages", sql: PackageResources.M0211_tenant_pages_sql),
    ] + MessagingMigrations.auditWitness + MessagingMigrations.erasure + MessagingMigrations.callers + [
      Migration(name: "M0261_revocation_state", sql: PackageResources.M0261_revocation_state_sql),
      Migration(name: "M0280_subject_organization", sql: PackageResources.M0280_subject_organization_sql),
    ]
  }
}
