import EntitlementModel
package import Protocols
import SwiftProtobuf

/// The stored form of configuration: protobuf's JSON, by the names that the field uses.
extension Vestibule_Model_V1_ConfigurationObject {
  package func jsonText() throws(ContractError) -> String {
    var options = JSONEncodingOptions()
    options.useDeterministicOrdering = true
    do {
      return try jsonString(options: options)
    } catch {
      throw ContractError(.outOfRange, field: "object", expected: "values that JSON can hold")
    }
  }

  /// Refuses a field that this release does not know, by its name.
  package init(jsonText: String) throws(ContractError) {
    do {
      try self.init(jsonString: jsonText)
    } catch JSONDecodingError.unknownField(let name) {
      throw ContractError(.unknownField, field: name, expected: "a field of the contract")
    } catch {
      throw ContractError(.malformed, field: "object", expected: "the JSON of a configuration object")
    }
  }
}
