import Contracts
import Crypto
import EntitlementModel
package import Foundation
package import Protocols
import SwiftProtobuf

/// What makes an entry a link of its chain, and words the ones that were committed to.
package enum AuditHash {
  /// Over where the entry stands and everything that it says; each part with its length in front, so that no two
  /// entries look alike.
  package static func of(
    _ entry: Vestibule_Model_V1_AuditEntry, service: ServiceName, position: Int64, previous: Data
  ) -> Data {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(512)
    for text in ["vestibule.audit.v1", service.rawValue, entry.tenant] { append(text.utf8, to: &bytes) }
    append(position, to: &bytes)
    append(previous, to: &bytes)
    append(entry.work.utf8, to: &bytes)
    append(Int64(entry.ordinal), to: &bytes)
    append((entry.at.instant ?? .distantPast).microseconds, to: &bytes)
    for text in [entry.initiator, entry.role, entry.action, entry.kind, entry.object] {
      append(text.utf8, to: &bytes)
    }
    append(entry.version, to: &bytes)
    append(entry.codes.utf8, to: &bytes)
    append(entry.commitment, to: &bytes)
    return Data(SHA256.hash(data: bytes))
  }

  package static func commitment(salt: Data, words: String) -> Data {
    var hash = SHA256()
    hash.update(data: salt)
    hash.update(data: Data(words.utf8))
    return Data(hash.finalize())
  }

  /// Of something that is too long to be repeated.
  package static func digest(_ bytes: [UInt8]) -> String { text(Data(SHA256.hash(data: bytes))) }

  /// In hexadecimal digits, as people compare it.
  package static func text(_ hash: Data) -> String {
    hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static func salt() -> Data {
    var random = SystemRandomNumberGenerator()
    return withUnsafeBytes(of: (random.next(), random.next(), random.next(), random.next())) { Data($0) }
  }

  private static func append(_ value: Int64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
  }

  private static func append(_ part: some Collection<UInt8>, to bytes: inout [UInt8]) {
    append(Int64(part.count), to: &bytes)
    bytes += part
  }
}
