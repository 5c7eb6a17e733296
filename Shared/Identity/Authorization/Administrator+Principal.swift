package import EntitlementModel

extension Administrator {
  package init(_ principal: Principal) {
    self.init(
      subject: principal.subject,
      identity: EntitlementModel.Identity(issuer: principal.issuer, subject: principal.externalSubject))
  }
}
