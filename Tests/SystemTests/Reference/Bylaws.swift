import Foundation

/// What the reference tenant has configured, as the tests themselves understand it: by names, and without a line of the
/// product's model.
struct Bylaws: Sendable {
  var catalogs: [String: Catalog]
  var packages: [String: Package]
  var policies: [String: Policy]
  var organizations: [String: Organization]
  var deniedDomains: Set<String> = []
  var idleGuests: IdleGuests
  /// Who decides for whom besides: the delegate by the approver.
  var delegates: [String: String] = [:]
  /// Who is in the directory's groups.
  var groups: [String: Set<String>] = [:]
  /// The version of the terms of use that counts.
  var terms = 1

  struct Catalog: Sendable {
    var isPublished = true
    var isOpenOutside = true
  }

  struct Role: Hashable, Sendable {
    let resource: String
    let role: String
  }

  struct Package: Sendable {
    let catalog: String
    var roles: Set<Role>
    /// The packages that may not be held beside it, and who may all the same.
    var excludes: [String: [Exemption]] = [:]
  }

  struct Exemption: Sendable {
    let person: String
    let end: Date
  }

  enum Audience: Sendable, Equatable {
    case nobody
    case people(Set<String>)
    case group(String)
    case organizations(Set<String>)
    case members
    case directory
    case configuredOrganizations
    case everybodyOutside

    /// Of several only the strictest kind counts.
    var strictness: Int {
      switch self {
      case .people, .group, .organizations: 0
      case .members: 1
      case .directory: 2
      case .configuredOrganizations, .everybodyOutside: 3
      case .nobody: 4
      }
    }
  }

  struct Policy: Sendable {
    let package: String
    var audience: Audience
    var isDisabled = false
    var seconds: TimeInterval?
    var until: Date?
    var selfAdd = true
    var selfExtend = true
    var selfRemove = true
    var choosesDays = false
    var asksWhy = false
    var demandsTerms = false
    var stages: [Stage] = []
    var addNeedsApproval = false
    var extensionNeedsApproval = false
  }

  struct Stage: Sendable {
    var asks: [Asked]
    var fallback: [String] = []
    var needed = 1
    var reasonNeeded = false
    var seconds: TimeInterval = 14 * 86_400
  }

  enum Asked: Sendable, Equatable {
    case person(String)
    case group(String)
    case ourSponsors
    case theirSponsors
  }

  struct Organization: Sendable {
    var ourSponsors: Set<String>
    var theirSponsors: Set<String>
    let domains: Set<String>
    var guestLimit: Int?
    var isEnded = false
  }

  /// Those who sign in through an issuer of many organizations; unknown until one of them asks.
  static let stranger = "tailspin"

  /// What becomes of a guest who holds nothing any more.
  enum IdleGuests: String, Sendable, CaseIterable {
    case stay, blocked, blockedThenDeleted, deletedAtOnce
  }

  /// The other packages that may not be held beside one, with the exemptions of both sides.
  func excluded(by package: String) -> [String: [Exemption]] {
    packages.reduce(into: packages[package]?.excludes ?? [:]) { all, other in
      guard let exemptions = other.value.excludes[package] else { return }
      all[other.key, default: []] += exemptions
    }
  }

  func policies(of package: String) -> [(name: String, policy: Policy)] {
    policies.filter { $0.value.package == package }.map { ($0.key, $0.value) }.sorted { $0.name < $1.name }
  }

  func mayBeGuest(_ email: String, of organization: String?) -> Bool {
    let own = email.split(separator: "@").last.map { [String($0)] } ?? []
    return deniedDomains.isDisjoint(with: own + (organization.flatMap { organizations[$0]?.domains } ?? []))
  }
}

/// Somebody of the reference tenant.
struct Citizen: Sendable {
  let name: String
  let id: String
  let organization: String?
  let email: String
  let token: String
  var isMember: Bool { organization == nil }
}
