import Foundation

extension Bylaws {
  private static let day: TimeInterval = 86_400

  /// How a tenant begins: a package for each way of asking, approving and ending.
  static func first(_ idleGuests: IdleGuests, at now: Date) -> Bylaws {
    Bylaws(
      catalogs: ["main": Catalog(), "side": Catalog()], packages: packages, policies: policies(at: now),
      organizations: [
        "fabrikam": Organization(
          ourSponsors: ["grace"], theirSponsors: ["ada", "ben"], domains: ["fabrikam.example"]),
        "litware": Organization(ourSponsors: ["henry"], theirSponsors: ["lea"], domains: ["litware.example"]),
      ], idleGuests: idleGuests)
  }

  private static let packages: [String: Package] = [
    "open": Package(catalog: "main", roles: [reader("files")]),
    "sponsored": Package(catalog: "main", roles: [reader("files"), writer("tracker")]),
    "staged": Package(catalog: "main", roles: [reader("tracker")]),
    "board": Package(catalog: "side", roles: [reader("vault"), reader("ledger")]),
    "short": Package(catalog: "main", roles: [writer("files")]),
    "term": Package(catalog: "side", roles: [reader("ledger")]),
    "entry": Package(catalog: "main", roles: [reader("tracker")]),
    "release": Package(
      catalog: "main", roles: [writer("tracker"), reader("files")], excludes: ["entry": []]),
    "hurry": Package(catalog: "side", roles: [writer("vault")]),
    "chosen": Package(catalog: "side", roles: [reader("vault")]),
    "assigned": Package(catalog: "main", roles: [reader("files")]),
    "planned": Package(catalog: "main", roles: [reader("tracker")]),
    "dated": Package(catalog: "side", roles: [writer("ledger")]),
    "guild": Package(catalog: "main", roles: [reader("files")]),
  ]

  private static func reader(_ resource: String) -> Role { Role(resource: resource, role: "reader") }
  private static func writer(_ resource: String) -> Role { Role(resource: resource, role: "writer") }

  private static func policies(at now: Date) -> [String: Policy] {
    let until = Date(timeIntervalSince1970: (now.timeIntervalSince1970 + 100 * day).rounded())
    return [
      "open": Policy(package: "open", audience: .configuredOrganizations, seconds: 90 * day),
      "sponsored": approved("sponsored", days: 180, [sponsors], extensions: true, terms: true),
      "staged": approved(
        "staged", days: 365,
        [sponsors, Stage(asks: [.person("grace")], reasonNeeded: true)]),
      "board": approved(
        "board", days: 60,
        [
          Stage(asks: [.person("grace"), .person("henry"), .person("dan")], needed: 2),
          Stage(asks: [.ourSponsors], fallback: ["dan"]), Stage(asks: [.person("grace")]),
        ]),
      "short": Policy(package: "short", audience: .organizations(["fabrikam", "litware"]), seconds: 3),
      "term": Policy(package: "term", audience: .organizations(["fabrikam", "litware"]), seconds: 45),
      "entry": Policy(package: "entry", audience: .configuredOrganizations, seconds: 90 * day),
      "release": Policy(package: "release", audience: .configuredOrganizations, seconds: 90 * day),
      "hurry": approved("hurry", days: 30, [Stage(asks: [.person("grace")], seconds: 60)]),
      "chosen-people": Policy(
        package: "chosen", audience: .people(["p1", "p3", "p6", "p11"]), seconds: 10 * day),
      "chosen-members": Policy(package: "chosen", audience: .members, selfRemove: false),
      "chosen-directory": Policy(package: "chosen", audience: .directory, seconds: 20 * day),
      "chosen-outside": Policy(
        package: "chosen", audience: .everybodyOutside, seconds: 30 * day,
        stages: [Stage(asks: [.person("henry")])],
        addNeedsApproval: true),
      "assigned": Policy(package: "assigned", audience: .nobody, selfRemove: false),
      "planned": Policy(
        package: "planned", audience: .configuredOrganizations, seconds: 30 * day, choosesDays: true,
        asksWhy: true, demandsTerms: true),
      "guild-makers": Policy(package: "guild", audience: .group("makers"), seconds: 40 * day),
      "guild-outside": Policy(
        package: "guild", audience: .configuredOrganizations, seconds: 40 * day,
        stages: [Stage(asks: [.group("elders")], fallback: ["henry"])], addNeedsApproval: true),
      "dated-fabrikam": Policy(package: "dated", audience: .organizations(["fabrikam"]), until: until),
      "dated-both": Policy(
        package: "dated", audience: .organizations(["fabrikam", "litware"]), seconds: 50 * day),
    ]
  }

  private static let sponsors = Stage(asks: [.theirSponsors], fallback: ["henry"])

  private static func approved(
    _ package: String, days: Double, _ stages: [Stage], extensions: Bool = false, terms: Bool = false
  ) -> Policy {
    Policy(
      package: package, audience: .configuredOrganizations, seconds: days * day, demandsTerms: terms,
      stages: stages,
      addNeedsApproval: true,
      extensionNeedsApproval: extensions)
  }
}
