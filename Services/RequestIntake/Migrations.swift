import Messaging
import Postgres

/// The history of the schema `intake`, oldest first.
enum IntakeMigrations {
  static var all: [Migration] {
    MessagingMigrations.core + MessagingMigrations.groupMemberCopy + [
      Migration(name: "M0101_configuration", sql: PackageResources.M0101_configuration_sql),
      Migration(name: "M0102_subject", sql: PackageResources.M0102_subject_sql),
      Migration(name: "M0103_request", sql: PackageResources.M0103_request_sql),
      Migration(name: "M0104_answers", sql: PackageResources.M0104_answers_sql),
      Migration(name: "M0105_revocation", sql: PackageResources.M0105_revocation_sql),
      Migration(name: "M0120_confirmation", sql: PackageResources.M0120_confirmation_sql),
      Migration(name: "M0130_relations", sql: PackageResources.M0130_relations_sql),
      Migration(name: "M0140_terms", sql: PackageResources.M0140_terms_sql),
      Migration(name: "M0141_on_behalf", sql: PackageResources.M0141_on_behalf_sql),
      Migration(name: "M0150_organization_end", sql: PackageResources.M0150_organization_end_sql),
      Migration(name: "M0151_proposals", sql: PackageResources.M0151_proposals_sql),
      Migration(name: "M0152_adoption", sql: PackageResources.M0152_adoption_sql),
      Migration(name: "M0153_cut_off", sql: PackageResources.M0153_cut_off_sql),
      Migration(name: "M0154_linked_people", sql: PackageResources.M0154_linked_people_sql),
    ] + MessagingMigrations.people + MessagingMigrations.audit + [
      Migration(name: "M0210_guards", sql: PackageResources.M0210_guards_sql),
      Migration(name: "M0190_reprocess", sql: PackageResources.M0190_reprocess_sql),
      Migration(name: "M0200_merge", sql: PackageResources.M0200_merge_sql),
      Migration(name: "M0211_tenant_pages", sql: PackageResources.M0211_tenant_pages_sql),
      Migration(name: "M0180_answer_edits", sql: PackageResources.M0180_answer_edits_sql),
    ] + MessagingMigrations.auditWitness + [
      Migration(name: "M0240_held_policy", sql: PackageResources.M0240_held_policy_sql)
    ] + MessagingMigrations.erasure + [
      Migration(name: "M0233_erasure", sql: PackageResources.M0233_erasure_sql),
      Migration(name: "M0234_retention", sql: PackageResources.M0234_retention_sql),
      Migration(name: "M0241_claimed_address", sql: PackageResources.M0241_claimed_address_sql),
    ] + MessagingMigrations.callers + [
      Migration(name: "M0262_held_revocation", sql: PackageResources.M0262_held_revocation_sql)
    ]
  }
}
