import EntitlementModel
import Foundation
import Messaging
import Postgres

extension RequestIntakeService {
  /// Of people and their requests: who they were, how they signed in, why they asked and what they answered.
  static let erase: ErasePersonalValues = { erased, work in
    let (people, tenants) = (erased.map(\.subject).sorted(), Array(Set(erased.map(\.tenant))))
    try work.connection.execute(
      """
      DELETE FROM subject_identity WHERE person = ANY(\(people)) AND (tenant = ANY(\(tenants))) IS TRUE
      """)
    try work.connection.execute(
      """
      UPDATE request SET target_email = '', target_display_name = '', justification = '', answers = NULL,
        present_answers = NULL, present_answers_at = NULL
      WHERE tenant = ANY(\(tenants)) AND target_subject = ANY(\(people))
        AND (target_email <> '' OR target_display_name <> '' OR justification <> '' OR answers IS NOT NULL
          OR present_answers IS NOT NULL)
      """)
    try work.connection.execute(
      """
      UPDATE confirmation
      SET asked_issuer = CASE WHEN asked_subject = ANY(\(people)) THEN '' ELSE asked_issuer END,
        asked_external_subject = CASE WHEN asked_subject = ANY(\(people)) THEN '' ELSE asked_external_subject END,
        decided_issuer = CASE WHEN decided_subject = ANY(\(people)) THEN '' ELSE decided_issuer END,
        decided_external_subject = CASE WHEN decided_subject = ANY(\(people)) THEN '' ELSE decided_external_subject END
      WHERE tenant = ANY(\(tenants)) AND (asked_subject = ANY(\(people)) OR decided_subject = ANY(\(people)))
      """)
  }
}
