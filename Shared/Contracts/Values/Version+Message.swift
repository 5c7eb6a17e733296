package import EntitlementModel
package import Protocols

extension Version {
  package init(_ message: Vestibule_Model_V1_Version) {
    self.init(epoch: Int(message.epoch), number: Int(message.number))
  }
}

extension Vestibule_Model_V1_Version {
  package init(_ version: Version) {
    self.init(epoch: version.epoch, number: version.number)
  }

  package init(epoch: Int, number: Int) {
    self.init()
    self.epoch = UInt32(clamping: epoch)
    self.number = Int64(number)
  }
}
