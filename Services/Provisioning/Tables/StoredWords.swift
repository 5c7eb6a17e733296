import EntitlementModel
import Foundation
import Postgres

// Enumerations are stored as their raw values.
extension Guest.Presence: SQLValue {}
extension Account.State: SQLValue {}
extension Assignment.State: SQLValue {}
extension Assignment.EndReason: SQLValue {}
extension Assignment.Failure: SQLValue {}
extension Entitlement.Observed: SQLValue {}
extension Entitlement.Provenance: SQLValue {}

/// A set as the text of a PostgreSQL array: `unnest` has no arrays of arrays.
enum ArrayText {
  static func of(_ ids: Set<UUID>) -> String {
    ids.isEmpty ? "{}" : "{" + ids.map(\.uuidString).joined(separator: ",") + "}"
  }

  static func of(_ causes: Set<Guest.BlockCause>) -> String {
    causes.isEmpty ? "{}" : "{" + causes.map(\.rawValue).sorted().joined(separator: ",") + "}"
  }
}

/// Another transaction made the row meanwhile: the whole runs again and finds it.
enum Raced {
  static func check(_ written: Int, of expected: Int, _ table: String) throws(DatabaseError) {
    if written < expected { throw DatabaseError(.serializationFailure, subject: table) }
  }
}
