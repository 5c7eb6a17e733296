import Contracts
import EntitlementModel
package import Foundation

/// What can say where a list goes on.
package protocol PageKey: Sendable {
  /// What a page token holds of it.
  var tokenText: String { get }
  init?(tokenText: String)
}

extension UUID: PageKey {
  package var tokenText: String { text }

  package init?(tokenText: String) {
    self.init(text: tokenText)
  }
}

extension String: PageKey {
  package var tokenText: String { self }

  package init?(tokenText: String) {
    self = tokenText
  }
}

/// Where a list in the order of time goes on: entries of the same instant are in the order of their ids.
package struct InstantKey: PageKey, Equatable {
  package let at: Date
  package let id: UUID

  package init(at: Date, id: UUID) {
    (self.at, self.id) = (at, id)
  }

  package var tokenText: String { "\(at.microseconds) \(id.text)" }

  package init?(tokenText: String) {
    let parts = tokenText.split(separator: " ")
    guard parts.count == 2, let at = Int64(parts[0]), let id = UUID(text: String(parts[1]))
    else { return nil }
    self.init(at: Date(microseconds: at), id: id)
  }
}
