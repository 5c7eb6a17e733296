package import Foundation

/// Which packages nobody may hold together (decision 25). It is enough that one of the two says so, and open requests
/// count like access.
package struct SeparationOfDuties: Sendable {
  /// A package and another that may not be held beside it, as configured now.
  package struct Conflict: Sendable, Hashable {
    package let other: UUID
    /// The request or assignment through which the person holds the other.
    package let standing: UUID
    /// The exceptions, for whomever, that either package makes; or those from a group that one of them gives. Where the
    /// two are kept apart for several reasons, each is a conflict of its own.
    package let exceptions: [SeparationException]

    package init(other: UUID, standing: UUID, exceptions: [SeparationException]) {
      (self.other, self.standing, self.exceptions) = (other, standing, exceptions)
    }
  }

  /// Why the package may not be asked for, or until when it may be held.
  package struct Finding: Sendable, Hashable {
    package let reasons: [Reason]
    package let endsBy: Date?

    package init(reasons: [Reason], endsBy: Date?) {
      (self.reasons, self.endsBy) = (reasons, endsBy)
    }

    package static let none = Finding(reasons: [], endsBy: nil)
  }

  /// What stands in a person's way. Under an exception access may be held until the exception ends.
  ///
  /// - Parameter groups: those of the package's incompatible groups that the person is in, with the exceptions for whomever.
  /// - Parameter person: all subjects that are the person; an exception for one of them is for all.
  package static func judge(
    _ conflicts: [Conflict], groups: [String: [SeparationException]] = [:], of person: Set<UUID>, at now: Date
  ) -> Finding {
    var endsBy: Date?
    var reasons: [Reason] = []
    for (reason, grounds) in obstacles(of: groups) + obstacles(of: conflicts) {
      let ends = grounds.map { exceptions in
        exceptions.filter { person.contains($0.subject) && $0.endsAt > now }.map(\.endsAt).max()
      }
      if ends.contains(nil) {
        reasons.append(reason)
      } else {
        endsBy = (ends + [endsBy]).compactMap(\.self).min()
      }
    }
    return Finding(reasons: reasons, endsBy: endsBy)
  }

  /// What is in the way, and the exceptions from each ground for it.
  private static func obstacles(
    of groups: [String: [SeparationException]]
  ) -> [(Reason, [[SeparationException]])] {
    groups.sorted { $0.key < $1.key }.map { group, exceptions in
      let reason = Reason(
        .incompatibleAccess, "Whoever is in this group may not hold the package.", field: "access_package",
        hint: group)
      return (reason, [exceptions])
    }
  }

  private static func obstacles(of conflicts: [Conflict]) -> [(Reason, [[SeparationException]])] {
    let byOther = Dictionary(grouping: conflicts, by: \.other)
    return byOther.sorted { $0.key.uuidString < $1.key.uuidString }.map { _, conflicts in
      let reason = Reason(
        .incompatibleAccess, "This package may not be held together with one that is held or asked for.",
        field: "access_package", hint: conflicts[0].standing.uuidString.lowercased())
      return (reason, conflicts.map(\.exceptions))
    }
  }
}
