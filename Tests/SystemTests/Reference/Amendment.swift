import Contracts
import Foundation
import Protocols

/// What administrators and approvers change between the turns, while everything is at rest.
enum Amendment: Sendable {
  case bylaws(Bylaws)
  case bar(String, Bool)
  case leave(String)
  case delegate(String, to: String?)
  /// Somebody joins a group of the directory, or leaves it.
  case membership(String, in: String)
  /// The organization that became known by itself is welcome.
  case welcome
  case end(String)
  /// Everything is told again.
  case republish
}

extension Script {
  /// One change; the tenant stays one in which something can happen.
  mutating func amendment(_ before: Bylaws) -> Amendment {
    var bylaws = before
    switch Int.random(in: 0..<22, using: &random) {
    case 0: bylaws.catalogs["side"]?.isPublished = Bool.random(using: &random)
    case 1: bylaws.catalogs["side"]?.isOpenOutside = Bool.random(using: &random)
    case 2, 3: changeRoles(&bylaws)
    case 4: toggle(&bylaws)
    case 5:
      bylaws.policies["release"]?.audience = oneOf(.configuredOrganizations, .organizations(["fabrikam"]))
    case 6: bylaws.organizations["litware"]?.guestLimit = Bool.random(using: &random) ? 1 : nil
    case 7: bylaws.organizations["fabrikam"]?.theirSponsors = oneOf(["ada"], ["ada", "ben"], ["ben"], [])
    case 8: bylaws.organizations["litware"]?.ourSponsors = oneOf(["henry"], ["grace", "dan"], [])
    case 9: bylaws.packages["release"]?.excludes["entry"] = exemptions()
    case 10: bylaws.deniedDomains = oneOf([], ["mail.example"], ["litware.example"])
    case 11: bylaws.idleGuests = Bylaws.IdleGuests.allCases.randomElement(using: &random) ?? .stay
    case 12, 13: return .bar(somebody(), Int.random(in: 0..<3, using: &random) == 0)
    case 14: return .leave("p\(Int.random(in: 0..<world.crowd.count, using: &random))")
    case 15: bylaws.terms += 1
    case 16: return .membership(oneOf("grace", "henry", "dan", "ada"), in: "elders")
    case 17:
      return .membership("p\(oneOf(6, 13) + 21 * Int.random(in: 0..<19, using: &random))", in: "makers")
    case 18: return .welcome
    case 19: return .end(oneOf("litware", "litware", "fabrikam"))
    case 20: return .republish
    default:
      let approver = oneOf("ada", "grace", "henry")
      return .delegate(approver, to: Bool.random(using: &random) ? delegate(of: approver) : nil)
    }
    return .bylaws(bylaws)
  }

  private mutating func changeRoles(_ bylaws: inout Bylaws) {
    let name = oneOf("open", "sponsored", "board", "planned", "assigned")
    guard var package = bylaws.packages[name] else { return }
    let resources = ReferenceWorld.resources.filter { $0.value == package.catalog }.keys.sorted()
    let role = Bylaws.Role(
      resource: resources.randomElement(using: &random) ?? "files", role: oneOf("reader", "writer"))
    if package.roles.contains(role), package.roles.count > 1 {
      package.roles.remove(role)
    } else {
      package.roles.insert(role)
    }
    bylaws.packages[name] = package
  }

  private mutating func toggle(_ bylaws: inout Bylaws) {
    let name = oneOf("open", "entry", "chosen-members", "chosen-directory", "planned")
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bylaws.policies[name]?.isDisabled.toggle()
    case 1: bylaws.policies[name]?.selfAdd.toggle()
    case 2: bylaws.policies[name]?.selfExtend.toggle()
    default: bylaws.policies[name]?.selfRemove.toggle()
    }
  }

  private mutating func exemptions() -> [Bylaws.Exemption] {
    let end = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded() + 20 * 86_400)
    return world.crowd.shuffled(using: &random).prefix(world.crowd.count / 4).map {
      Bylaws.Exemption(person: $0.name, end: end)
    }
  }

  private mutating func somebody() -> String {
    Bool.random(using: &random)
      ? "p\(Int.random(in: 0..<world.crowd.count, using: &random))" : oneOf("ada", "ben", "henry", "lea")
  }

  /// Dora for Ada, Dan for Grace; for Henry sometimes somebody who asks, too.
  private mutating func delegate(of approver: String) -> String {
    switch approver {
    case "ada": "dora"
    case "grace": "dan"
    default: "p\(Int.random(in: 0..<world.crowd.count, using: &random))"
    }
  }

  private mutating func oneOf<Value>(_ values: Value...) -> Value {
    values[Int.random(in: values.indices, using: &random)]
  }
}
