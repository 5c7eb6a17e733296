package import EntitlementModel

extension Principal {
  /// As the audit names the caller: by the widest role held.
  package var initiator: Initiator {
    let held = Set(roles.map(\.role))
    let role = isOperator ? "operator" : Role.allCases.first(where: held.contains)?.rawValue ?? "person"
    return Initiator(
      subject: subject, role: role, signIn: subject == nil ? "\(issuer) \(externalSubject)" : "")
  }
}
