package import EntitlementModel
package import Foundation
package import Protocols
import SwiftProtobuf

extension Due {
  package init(_ message: Vestibule_Events_V1_Due) throws(ContractError) {
    self.init(
      aggregate: try Field.id(message.aggregate, at: "aggregate"), version: Int(message.version.number),
      at: try Field.instant(message.hasDueAt ? message.dueAt : nil, at: "due_at"))
  }
}

extension Vestibule_Events_V1_Due {
  package init(_ due: Due, tenant: UUID, epoch: Int) {
    self.init()
    (aggregate, self.tenant) = (due.aggregate.text, tenant.text)
    version = Vestibule_Model_V1_Version(epoch: epoch, number: due.version)
    dueAt = Google_Protobuf_Timestamp(due.at)
  }
}
