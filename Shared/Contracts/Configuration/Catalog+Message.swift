package import EntitlementModel
package import Protocols

extension Catalog {
  package init(_ message: Vestibule_Model_V1_Catalog) throws(ContractError) {
    self.init(
      displayName: message.displayName, state: try State(message.state),
      isExternallyVisible: message.isExternallyVisible)
  }

  package init(_ object: Vestibule_Model_V1_ConfigurationObject) throws(ContractError) {
    guard case .catalog(let message) = object.object else { throw object.isNot(.catalog) }
    do { try self.init(message) } catch { throw error.within("catalog") }
  }
}

extension Catalog.State {
  package init(_ message: Vestibule_Model_V1_Catalog.State) throws(ContractError) {
    switch message {
    case .unpublished: self = .unpublished
    case .published: self = .published
    case .UNRECOGNIZED: throw Field.outOfRange("state", ["unpublished", "published"])
    }
  }
}
