package import Foundation

/// A package that one person holds, or asks for, by several subjects, and what of it stays once those are merged.
package struct HeldTwice: Sendable, Hashable {
  /// What one of the subjects holds or asks for.
  package struct Holding: Sendable, Hashable {
    package let id: UUID
    package let accessPackage: UUID
    /// Whether it is more than asked for.
    package let isGranted: Bool
    /// Nil for what has no end.
    package let endsAt: Date?
    package let isSurvivors: Bool

    package init(id: UUID, accessPackage: UUID, isGranted: Bool, endsAt: Date?, isSurvivors: Bool) {
      (self.id, self.accessPackage, self.isGranted) = (id, accessPackage, isGranted)
      (self.endsAt, self.isSurvivors) = (endsAt, isSurvivors)
    }
  }

  package let accessPackage: UUID
  package let kept: UUID
  package let ended: [UUID]

  /// Nobody loses a package by it: access stays before what waits, of several the one that ends last, then the survivor's
  /// own.
  package static func find(in holdings: [Holding]) -> [HeldTwice] {
    Dictionary(grouping: holdings, by: \.accessPackage).filter { $0.value.count > 1 }
      .sorted { $0.key.uuidString < $1.key.uuidString }
      .map { package, held in
        let best = held.sorted { $0.staysBefore($1) }.map(\.id)
        return HeldTwice(accessPackage: package, kept: best[0], ended: Array(best.dropFirst()))
      }
  }

  private init(accessPackage: UUID, kept: UUID, ended: [UUID]) {
    (self.accessPackage, self.kept, self.ended) = (accessPackage, kept, ended)
  }
}

extension HeldTwice.Holding {
  fileprivate func staysBefore(_ other: Self) -> Bool {
    if isGranted != other.isGranted { return isGranted }
    let (own, others) = (endsAt ?? .distantFuture, other.endsAt ?? .distantFuture)
    if own.microseconds != others.microseconds { return own > others }
    if isSurvivors != other.isSurvivors { return isSurvivors }
    return id.uuidString < other.id.uuidString
  }
}
