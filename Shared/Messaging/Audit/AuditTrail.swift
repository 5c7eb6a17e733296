import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols
import SwiftProtobuf

/// What one transaction has changed so far, in order.
struct AuditTrail {
  private var entries: [Vestibule_Model_V1_AuditEntry] = []
  private var words: [Words] = []

  private struct Words {
    let ordinal: Int32
    let tenant: UUID
    let subject: UUID?
    let salt: Data
    let text: String
  }

  /// - Parameter action: `request.submitted`: what stands before the point is the object's kind.
  mutating func add(
    _ action: String, of object: UUID, tenant: UUID, number: Int, by initiator: Initiator,
    _ details: AuditDetails
  ) {
    var words = details.words
    if !initiator.signIn.isEmpty { words["initiator"] = initiator.signIn }
    var entry = Vestibule_Model_V1_AuditEntry()
    (entry.tenant, entry.ordinal) = (tenant.text, Int32(entries.count))
    (entry.initiator, entry.role) = (initiator.subject?.text ?? "", initiator.role)
    (entry.action, entry.kind) = (action, String(action.prefix { $0 != "." }))
    (entry.object, entry.version, entry.codes) = (
      object.text, Int64(number), AuditText.object(details.codes)
    )
    if !words.isEmpty {
      let said = Words(
        ordinal: entry.ordinal, tenant: tenant, subject: details.subject, salt: AuditHash.salt(),
        text: AuditText.object(words))
      entry.commitment = AuditHash.commitment(salt: said.salt, words: said.text)
      self.words.append(said)
    }
    entries.append(entry)
  }

  /// Stores them with the transaction, in one statement.
  func store(at now: Date, on connection: Connection) throws {
    guard !entries.isEmpty else { return }
    let id = UUID(at: now, entropy: (.random(in: .min ... .max), .random(in: .min ... .max)))
    let (work, at) = (id.text, Google_Protobuf_Timestamp(now))
    let message = Vestibule_Model_V1_AuditEntries.with {
      $0.entries = entries.map { entry in
        var entry = entry
        (entry.work, entry.at) = (work, at)
        return entry
      }
    }
    let bytes: [UInt8] = try message.serializedBytes()
    guard !words.isEmpty else {
      try connection.execute("INSERT INTO audit_pending (work, entries) VALUES (\(id), \(bytes))")
      return
    }
    try connection.execute(
      """
      WITH words AS (
        INSERT INTO audit_words (work, ordinal, tenant, subject, salt, words)
        SELECT \(id), w.ordinal, w.tenant, w.subject, w.salt, w.words
        FROM unnest(\(words.map(\.ordinal)), \(words.map(\.tenant)), \(words.map(\.subject)),
          \(words.map { [UInt8]($0.salt) }), \(words.map(\.text)))
          AS w (ordinal, tenant, subject, salt, words)
        WHERE NOT EXISTS (SELECT FROM erased_subject e WHERE e.subject = w.subject AND e.tenant = w.tenant))
      INSERT INTO audit_pending (work, entries) VALUES (\(id), \(bytes))
      """)
  }
}
