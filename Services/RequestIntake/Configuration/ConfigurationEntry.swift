import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

/// An object as stored, with the snapshot of it that events carry, serialized once.
struct ConfigurationEntry: Sendable {
  let id: UUID
  let object: Vestibule_Model_V1_ConfigurationObject
  let snapshot: Vestibule_Events_V1_Snapshot

  init(id: UUID, object: Vestibule_Model_V1_ConfigurationObject) throws {
    (self.id, self.object) = (id, object)
    let bytes: Data = try object.serializedBytes()
    snapshot = .with {
      $0.id = object.id
      $0.version = object.version
      $0.object = bytes
    }
  }
}
