import Contracts
import Foundation
import Protocols
import SwiftProtobuf

extension ServiceConnection {
  /// The ids of people named by address or id.
  ///
  /// - Parameter proved: leaves out who only says to have an address: for whatever gives people something.
  func subjectIDs(
    of names: [String], proved: Bool = false, tenant: UUID, token: String
  ) async throws -> [String] {
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
      let meant = found.subjects.filter { !proved || !$0.emailClaimed }
      guard !meant.isEmpty else {
        throw Failure.unfinished(
          "nobody has proved to have the address \(name): name by id who is meant of "
            + found.subjects.map(\.id).joined(separator: " "))
      }
      ids += meant.map(\.id)
    }
    return ids
  }
}
