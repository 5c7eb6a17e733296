package import Foundation

/// That somebody accepts terms in a version, and in which language they were read (empty for the default text).
package struct AcceptedTerms: Sendable, Hashable {
  package let terms: UUID
  package let version: Int
  package let language: String

  package init(terms: UUID, version: Int, language: String) {
    (self.terms, self.version, self.language) = (terms, version, language)
  }
}

/// How a request stands to the terms that its policy demands.
package enum TermsAcceptance: String, Sendable, CaseIterable {
  case accepted
  /// An administrator assigns: the person accepts later.
  case pending
  /// An administrator assigns, and the policy does not ask then.
  case exempt
}

/// Whether the terms that a policy demands are accepted in the versions that count now: on record, or with what is asked.
package struct TermsDemand: Sendable {
  private let demanded: [TermsOfUse]
  private let recorded: Set<AcceptedVersion>

  /// Terms in a version, whoever accepted them.
  package struct AcceptedVersion: Sendable, Hashable {
    package let terms: UUID
    package let version: Int

    package init(terms: UUID, version: Int) {
      (self.terms, self.version) = (terms, version)
    }
  }

  package init(_ demanded: [TermsOfUse], recorded: Set<AcceptedVersion>) {
    (self.demanded, self.recorded) = (demanded, recorded)
  }

  package var isEmpty: Bool { demanded.isEmpty }

  /// What is demanded, and whether it is on record.
  package var terms: [(terms: TermsOfUse, isAccepted: Bool)] {
    demanded.map { ($0, recorded.contains(AcceptedVersion(terms: $0.id, version: $0.version))) }
  }

  /// Everything that is not accepted yet: which terms, in which version, and where to read them.
  package func reasons(offered: [AcceptedTerms] = []) -> [Reason] {
    let accepted = recorded.union(offered.map { AcceptedVersion(terms: $0.terms, version: $0.version) })
    return demanded.filter { !accepted.contains(AcceptedVersion(terms: $0.id, version: $0.version)) }.map {
      let id = $0.id.uuidString.lowercased()
      return Reason(
        .termsNotAccepted, "Read and accept the terms «\($0.displayName)».", field: "accepted_terms",
        hint: "terms=\(id) version=\($0.version) read=vestibule.api.v1.TermsOfUse/Read")
    }
  }

  /// What is accepted now and was not before.
  package func new(of offered: [AcceptedTerms]) -> [AcceptedTerms] {
    let current = Dictionary(demanded.map { ($0.id, $0.version) }) { first, _ in first }
    return offered.filter {
      current[$0.terms] == $0.version
        && !recorded.contains(AcceptedVersion(terms: $0.terms, version: $0.version))
    }
  }

  /// How an administrator's assignment stands to them.
  package func acceptance(isExempt: Bool) -> TermsAcceptance? {
    if demanded.isEmpty { return nil }
    if reasons().isEmpty { return .accepted }
    return isExempt ? .exempt : .pending
  }
}
