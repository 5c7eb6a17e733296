package import Foundation

/// The resource organization. Times without a time of day are meant in its zone.
package struct Tenant: Sendable, Hashable {
  package var displayName: String
  package var timeZone: String
  /// Whether whoever asked is told who decided, where a stage does not say.
  package var showsApprovers: Bool
  /// The domains of mail providers, whose people belong to no organization.
  package var publicMailDomains: PublicMailDomains
  /// For how long what has ended is kept.
  package var retention: Period

  package static let standardRetention = Period.days(400)

  package init(
    displayName: String, timeZone: String, showsApprovers: Bool = true,
    publicMailDomains: PublicMailDomains = .known, retention: Period = standardRetention
  ) {
    (self.displayName, self.timeZone, self.showsApprovers) = (displayName, timeZone, showsApprovers)
    (self.publicMailDomains, self.retention) = (publicMailDomains, retention)
  }
}

/// Container of resources and packages; the unit of delegation.
package struct Catalog: Sendable, Hashable {
  package enum State: Sendable, Hashable { case unpublished, published }
  package var displayName: String
  package var state: State
  package var isExternallyVisible: Bool

  package init(displayName: String, state: State, isExternallyVisible: Bool) {
    (self.displayName, self.state, self.isExternallyVisible) = (displayName, state, isExternallyVisible)
  }
}

/// One role of one resource, as its connector knows it.
package struct ResourceRole: Sendable, Hashable {
  package let resource: UUID
  package let role: String
  /// The connector that grants it.
  package let originSystem: String
  /// The resource's id there.
  package let originID: String

  package init(resource: UUID, role: String, originSystem: String, originID: String) {
    (self.resource, self.role, self.originSystem, self.originID) = (resource, role, originSystem, originID)
  }

  /// The group of the built-in directory that it makes somebody a member of.
  package var membership: String? {
    originSystem == "directory" && role == "member" ? originID : nil
  }
}

/// A bundle of resource roles: whoever gets it gets all of them.
package struct AccessPackage: Sendable, Hashable {
  package var catalog: UUID
  package var displayName: String
  package var isHidden: Bool
  package var resourceRoles: [ResourceRole]
  /// What its resources need on the accounts of those who hold it, each once.
  package var attributes: [ResourceAttribute]
  /// The packages that may not be held beside it, with the exceptions that are made.
  package var incompatible: [UUID: [SeparationException]]
  /// The groups of the built-in directory whose members may not hold it, with the exceptions that are made.
  package var incompatibleGroups: [String: [SeparationException]]

  package init(
    catalog: UUID, displayName: String, isHidden: Bool, resourceRoles: [ResourceRole],
    attributes: [ResourceAttribute] = [], incompatible: [UUID: [SeparationException]] = [:],
    incompatibleGroups: [String: [SeparationException]] = [:]
  ) {
    (self.catalog, self.displayName, self.isHidden) = (catalog, displayName, isHidden)
    (self.resourceRoles, self.attributes) = (resourceRoles, attributes)
    self.incompatible = incompatible
    self.incompatibleGroups = incompatibleGroups
  }
}

/// A person who may hold for a while what is incompatible with what they have or are, and why (decision 25).
package struct SeparationException: Sendable, Hashable {
  package let subject: UUID
  package let reason: String
  package let endsAt: Date

  package init(subject: UUID, reason: String, endsAt: Date) {
    (self.subject, self.reason, self.endsAt) = (subject, reason, endsAt)
  }
}

/// The tenant's one list of e-mail domains that guests may, or may not, come from (decision 5).
package enum DomainList: Sendable, Hashable {
  case none
  case allow(Set<DomainName>)
  case deny(Set<DomainName>)

  /// Whether a person of these domains may be a guest. An address without a domain is never allowed.
  package func permits(_ domains: [DomainName]) -> Bool {
    switch self {
    case .none: true
    case .allow(let allowed):
      !domains.isEmpty && domains.allSatisfy { domain in allowed.contains { domain.isWithin($0) } }
    case .deny(let denied): !domains.contains { domain in denied.contains { domain.isWithin($0) } }
    }
  }
}

/// What happens to a governed guest whose last assignment is gone (decision 22).
package struct LifecycleSettings: Sendable, Hashable {
  package enum Action: Sendable, Hashable { case none, blockSignIn, blockSignInAndDelete }
  package var action: Action
  package var deletionDelay: Period

  package init(action: Action, deletionDelay: Period) {
    (self.action, self.deletionDelay) = (action, deletionDelay)
  }

  /// Block at once, delete after 30 days.
  package static let standard = LifecycleSettings(action: .blockSignInAndDelete, deletionDelay: .days(30))
}

extension LifecycleSettings {
  /// Whether guests who are without access by now lose more by these settings, or sooner, than by the others.
  package func takesMore(than other: LifecycleSettings, from now: Date) -> Bool {
    switch (action, other.action) {
    case (.none, _), (.blockSignIn, .blockSignIn), (.blockSignIn, .blockSignInAndDelete): false
    case (.blockSignIn, .none), (.blockSignInAndDelete, .none), (.blockSignInAndDelete, .blockSignIn): true
    case (.blockSignInAndDelete, .blockSignInAndDelete): now + deletionDelay < now + other.deletionDelay
    }
  }
}
