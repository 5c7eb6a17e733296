import EntitlementModel
import Foundation
import Messaging
import Postgres

extension ApprovalService {
  /// Of approvals about people: who they were, why they asked, what they answered, and why it was decided, by whom
  /// else, and taken back.
  static let erase: ErasePersonalValues = { erased, work in
    let ids = erased.flatMap(\.requests).sorted()
    guard !ids.isEmpty else { return }
    try work.connection.execute(
      """
      UPDATE approval
      SET target_email = '', target_display_name = '', justification = '', answers = '[]',
        revocation_justification = CASE WHEN revoked_by IS NOT NULL THEN '' END,
        stages = (
          SELECT jsonb_agg(stage || (
            SELECT coalesce(jsonb_object_agg(part.key, (
              SELECT coalesce(jsonb_agg(said - 'justification' ORDER BY place), '[]')
              FROM jsonb_array_elements(part.value) WITH ORDINALITY AS w (said, place))), '{}')
            FROM jsonb_each(stage) AS part WHERE part.key IN ('decisions', 'reassignments')) ORDER BY number)
          FROM jsonb_array_elements(stages) WITH ORDINALITY AS s (stage, number))
      WHERE id = ANY(\(ids)) AND (tenant = ANY(\(Array(Set(erased.map(\.tenant)))))) IS TRUE
      """)
  }
}
