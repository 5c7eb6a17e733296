package import Foundation

/// What a deadline says when it falls due: whose, armed by which version, for which instant. The owner acts if and
/// only if its own row still bears that instant and that version.
package struct Due: Sendable, Hashable {
  package let aggregate: UUID
  package let version: Int
  package let at: Date

  package init(aggregate: UUID, version: Int, at: Date) {
    (self.aggregate, self.version, self.at) = (aggregate, version, at)
  }
}
