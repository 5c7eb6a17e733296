/// What a person has accepted, and where that matters.
extension Dossier {
  /// Only the version that counts now can be accepted.
  func accepted(_ version: Int, _ c: Circumstances) -> [Possibility] {
    guard version == c.bylaws.terms else {
      return [Possibility(expected: .refused(["versionConflict"]), after: self)]
    }
    var after = self
    after.acceptedTerms.insert(version)
    return [Possibility(expected: .done, after: after)]
  }

  /// Whether what a policy demands was accepted before, or is now.
  func hasAccepted(_ policy: Bylaws.Policy, _ offered: Int?, _ c: Circumstances) -> Bool {
    !policy.demandsTerms || offered == c.bylaws.terms || acceptedTerms.contains(c.bylaws.terms)
  }

  /// Nobody is asked for what the policy does not demand.
  mutating func accept(_ offered: Int?, _ policy: Bylaws.Policy, _ c: Circumstances) {
    if let offered, policy.demandsTerms, offered == c.bylaws.terms { acceptedTerms.insert(offered) }
  }
}
