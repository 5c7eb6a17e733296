package import Foundation
package import Protocols
import SwiftProtobuf

extension Vestibule_Model_V1_Subject {
  /// Before when the person's tokens are refused, if ever.
  package func endedSessions() throws(ContractError) -> (tenant: UUID, subject: UUID, notBefore: Date)? {
    guard hasSessionsNotBefore else { return nil }
    return (
      try Field.id(tenant, at: "tenant"), try Field.id(id, at: "id"),
      try Field.instant(sessionsNotBefore, at: "sessions_not_before")
    )
  }
}
