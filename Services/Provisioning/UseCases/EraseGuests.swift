import EntitlementModel
import Foundation
import Messaging
import Postgres

extension ProvisioningService {
  /// Of guests and their assignments: who they were, and what was written of them to accounts. The accounts that we made
  /// are gone by then; of one that was there before the rest is its directory's own business.
  static let erase: ErasePersonalValues = { erased, work in
    let (people, tenants) = (erased.map(\.subject).sorted(), Array(Set(erased.map(\.tenant))))
    try work.connection.execute(
      """
      UPDATE guest SET email = '', display_name = ''
      WHERE id = ANY(\(people)) AND (tenant = ANY(\(tenants))) IS TRUE AND (email <> '' OR display_name <> '')
      """)
    try eraseAttributes(of: people, tenants, work)
    try work.connection.execute(
      """
      UPDATE account SET external_id = NULL
      WHERE guest = ANY(\(people)) AND (tenant = ANY(\(tenants))) IS TRUE AND external_id IS NOT NULL
      """)
    try work.connection.execute(
      """
      UPDATE assignment SET email = '', display_name = '', attribute_answers = NULL
      WHERE target = ANY(\(people)) AND (tenant = ANY(\(tenants))) IS TRUE
        AND (email <> '' OR display_name <> '' OR attribute_answers IS NOT NULL)
      """)
  }

  /// Accounts that we made bear the person's id.
  private static func eraseAttributes(of people: [UUID], _ tenants: [UUID], _ work: Work) throws {
    try work.connection.execute(
      """
      DELETE FROM directory.attribute WHERE "user" = ANY(\(people)) AND (tenant = ANY(\(tenants))) IS TRUE
      """)
    try work.connection.execute(
      """
      DELETE FROM account_attribute WHERE guest = ANY(\(people)) AND (tenant = ANY(\(tenants))) IS TRUE
      """)
  }
}
