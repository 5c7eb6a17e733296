package import Foundation

/// What a connector found where a resource is, and what becomes of the roles that the catalog offers.
package struct ResourceObservation: Sendable, Hashable {
  package enum Finding: Sendable, Hashable {
    /// It keeps no list: whatever is configured is offered.
    case anyRole
    case roles([String])
    /// It could not be looked at; the code says why.
    case failure(String)
  }

  package let finding: Finding
  package let at: Date

  package init(_ finding: Finding, at: Date) {
    (self.finding, self.at) = (finding, at)
  }

  /// - Parameters:
  ///   - configured: the roles as the catalog has them.
  ///   - held: those that packages hold. They stay, and are told as vanished, when the origin no longer offers them.
  /// - Returns: the roles from now on; nil when nothing was found out.
  package func roles(configured: [String], held: Set<String>) -> (offered: [String], vanished: [String])? {
    switch finding {
    case .failure: return nil
    case .anyRole: return (configured, [])
    case .roles(let found):
      let kept = configured.filter { found.contains($0) || held.contains($0) }
      let new = found.filter { !configured.contains($0) }.sorted()
      return (kept + new, kept.filter { !found.contains($0) })
    }
  }
}
