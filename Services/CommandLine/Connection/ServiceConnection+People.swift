import Contracts
import Foundation
import Protocols
import SwiftProtobuf

extension ServiceConnection {
  /// The ids of people named by address or id.
  func subjectIDs(of names: [String], tenant: UUID, token: String) async throws -> [String] {
    var ids: [String] = []
    for name in names {
      if UUID(text: name) != nil {
        ids.append(name)
        continue
      }
      let found = try await subjects.list(
        .with { ($0.tenant, $0.email) = (tenant.text, name) }, metadata: .bearer(token))
      guard !found.subjects.isEmpty else {
        throw Failure.unfinished("nobody of this tenant has the address \(name)")
      }
      ids += found.subjects.map(\.id)
    }
    return ids
  }
}
