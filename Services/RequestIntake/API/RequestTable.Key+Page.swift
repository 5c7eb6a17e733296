import Contracts
import EntitlementModel
import Foundation
import ServiceRuntime

extension RequestTable.Key: PageKey {
  var tokenText: String { "\(subject.text) \(id.text)" }

  init?(tokenText: String) {
    let parts = tokenText.split(separator: " ")
    guard parts.count == 2, let subject = UUID(text: String(parts[0])), let id = UUID(text: String(parts[1]))
    else { return nil }
    self.init(subject: subject, id: id)
  }
}
