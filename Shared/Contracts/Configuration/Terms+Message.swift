package import EntitlementModel
package import Protocols

extension TermsOfUse {
  package init(_ object: Vestibule_Model_V1_ConfigurationObject) throws(ContractError) {
    guard case .terms(let message) = object.object else { throw object.isNot(.terms) }
    self.init(
      id: try Field.id(object.id, at: "id"), displayName: message.displayName, version: Int(message.version),
      text: message.text, localizations: message.localizations.byLanguage)
  }
}

extension AcceptedTerms {
  /// What a caller sends: as many as a policy can demand.
  package static func each(
    _ messages: [Vestibule_Model_V1_AcceptedTerms], at field: String
  ) throws(ContractError) -> [AcceptedTerms] {
    guard messages.count <= TermsRules.mostOfPolicy else {
      throw ContractError(.tooManyItems, field: field, expected: "at most \(TermsRules.mostOfPolicy)")
    }
    return try Field.each(messages, at: field) { message throws(ContractError) in try AcceptedTerms(message) }
  }

  package init(_ message: Vestibule_Model_V1_AcceptedTerms) throws(ContractError) {
    guard message.version > 0 else {
      throw ContractError(.outOfRange, field: "version", expected: "the version that was read, from 1")
    }
    self.init(
      terms: try Field.id(message.terms, at: "terms"), version: Int(message.version),
      language: try Field.text(message.languageCode, at: "language_code", limit: 35))
  }
}

extension Vestibule_Model_V1_AcceptedTerms {
  package init(_ accepted: AcceptedTerms) {
    self.init()
    (terms, version, languageCode) = (
      accepted.terms.text, Int32(clamping: accepted.version), accepted.language
    )
  }
}

extension LanguagePreference {
  package init(_ list: String, at field: String) throws(ContractError) {
    guard let read = LanguagePreference(try Field.text(list, at: field, limit: 512)) else {
      throw ContractError(.malformed, field: field, expected: "language tags, best first: de-AT, en;q=0.5")
    }
    self = read
  }
}

extension Vestibule_Model_V1_AccessPackage {
  /// Its name and description in one language.
  package func shown(in preference: LanguagePreference) -> (displayName: String, description: String) {
    guard let tag = preference.choose(from: localizations.map(\.languageCode)),
      let found = localizations.first(where: { $0.languageCode == tag })
    else { return (displayName, description_p) }
    return (found.displayName, found.description_p.isEmpty ? description_p : found.description_p)
  }
}
