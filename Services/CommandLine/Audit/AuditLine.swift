import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// An entry as a line of JSON, the names in order.
struct AuditLine {
  private let record: Vestibule_Model_V1_AuditRecord
  private let service: ServiceName

  init(_ record: Vestibule_Model_V1_AuditRecord, service: ServiceName) {
    (self.record, self.service) = (record, service)
  }

  func text() throws -> String {
    let entry = record.entry
    var line: [String: Any] = [
      "service": service.rawValue, "tenant": entry.tenant, "position": record.position,
      "at": try entry.at.jsonString().trimmingCharacters(in: ["\""]), "transaction": entry.work,
      "role": entry.role, "action": entry.action, "kind": entry.kind, "object": entry.object,
      "version": entry.version, "codes": try Self.object(entry.codes), "hash": AuditHash.text(record.hash),
    ]
    if !entry.initiator.isEmpty { line["actor"] = entry.initiator }
    if record.hasWords {
      line["words"] = try Self.object(record.words.text)
    } else if !entry.commitment.isEmpty {
      line["words"] = "erased"
    }
    let data = try JSONSerialization.data(
      withJSONObject: line, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self)
  }

  private static func object(_ json: String) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(json.utf8))
  }
}
