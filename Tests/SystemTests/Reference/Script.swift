import Foundation

/// Chooses what happens next, from a seed and from what is true so far.
struct Script {
  var random: SeededRandom
  let world: ReferenceWorld
  private var counter = 0

  init(seed: UInt64, _ world: ReferenceWorld) { (random, self.world) = (SeededRandom(seed), world) }

  /// - Parameters:
  ///   - keyed: whether everything bears a key, for a service is going to die.
  ///   - withShortClocks: whether things may begin that end within a minute.
  mutating func turn(
    of citizen: Citizen, _ dossier: Dossier, _ bylaws: Bylaws, keyed: Bool, withShortClocks: Bool
  ) -> Turn? {
    let now = Date()
    let late = lastThird(citizen, dossier, at: now)
    if late == nil, let end = dossier.nextEnd, end < now.addingTimeInterval(15) { return nil }
    let turn = late ?? chosen(citizen, dossier, bylaws, now, withShortClocks)
    counter += 1
    return Turn(
      citizen: turn.citizen,
      operations: turn.operations.enumerated().map { number, operation in
        operation.signed(citizen.name, else: keyed ? "op-\(counter)-\(number)" : "")
      }, isAtOnce: turn.isAtOnce)
  }

  /// More time is given in the last third: of access that lasts 45 seconds that is soon.
  private mutating func lastThird(_ citizen: Citizen, _ dossier: Dossier, at now: Date) -> Turn? {
    for (id, holding) in dossier.holdings.sorted(by: { $0.key < $1.key })
    where holding.package == "term" && holding.state == "delivered" {
      guard let end = holding.end.exact, let delivered = holding.delivered else { continue }
      let opens = end.addingTimeInterval(-end.timeIntervalSince(delivered) / 3)
      if now > opens + 0.5, now < end - 6 {
        return Turn(citizen: citizen.name, operations: [.extend(Change(holding: id))])
      }
    }
    return nil
  }

  private mutating func chosen(
    _ citizen: Citizen, _ dossier: Dossier, _ bylaws: Bylaws, _ now: Date, _ withShortClocks: Bool
  ) -> Turn {
    let pending = dossier.votes.filter { $0.value.state == "pending" }.keys.sorted()
    let live = dossier.live.sorted()
    let dice = Int.random(in: 0..<100, using: &random)
    if let vote = pending.randomElement(using: &random), dice < 50 {
      return aboutPending(vote, citizen, dossier, bylaws, now, dice)
    }
    if let holding = live.randomElement(using: &random), dice < 75 {
      return aboutAccess(holding, citizen, dossier, bylaws, dice)
    }
    if dice > 95, let old = dossier.requests.keys.sorted().randomElement(using: &random) {
      return aboutThePast(old, citizen, dossier, dice)
    }
    if dice < 3 { return Turn(citizen: citizen.name, operations: [.accept(version(bylaws))]) }
    return asking(citizen, dossier, bylaws, now, withShortClocks)
  }

  /// Mostly the one that counts.
  private mutating func version(_ bylaws: Bylaws) -> Int {
    Int.random(in: 0..<8, using: &random) == 0 ? bylaws.terms + 1 : bylaws.terms
  }

  // MARK: - What waits

  private mutating func aboutPending(
    _ vote: String, _ citizen: Citizen, _ dossier: Dossier, _ bylaws: Bylaws, _ now: Date, _ dice: Int
  ) -> Turn {
    let word = word(about: vote, citizen, dossier, bylaws, now)
    let cancel = Operation.cancel(
      request: vote, byStranger: dice == 0, byAdministrator: Bool.random(using: &random))
    switch dice {
    case 0..<6: return Turn(citizen: citizen.name, operations: [cancel])
    case 6..<12: return Turn(citizen: citizen.name, operations: [.decide(word), cancel], isAtOnce: true)
    case 12..<18:
      let other = self.word(about: vote, citizen, dossier, bylaws, now)
      return Turn(citizen: citizen.name, operations: [.decide(word), .decide(other)], isAtOnce: true)
    case 18..<21: return Turn(citizen: citizen.name, operations: [cancel, .decide(word)])
    case 21..<23: return Turn(citizen: citizen.name, operations: [.revoke(vote: vote, by: word.by)])
    default: return Turn(citizen: citizen.name, operations: [.decide(word)])
    }
  }

  private mutating func word(
    about vote: String, _ citizen: Citizen, _ dossier: Dossier, _ bylaws: Bylaws, _ now: Date
  ) -> Word {
    let known = dossier.votes[vote]
    let stages = known.flatMap { bylaws.policies[$0.policy]?.stages } ?? []
    let stage = known.map(\.stage) ?? 0
    let asked = stages.indices.contains(stage) ? who(stages[stage], citizen, bylaws) : []
    let anybody = world.approvers.map(\.name) + [citizen.name]
    let isRight = Int.random(in: 0..<10, using: &random) < 7
    let name = (isRight ? asked : anybody).randomElement(using: &random) ?? "grace"
    var word = Word(
      vote: vote, isApproval: Int.random(in: 0..<10, using: &random) < 8, by: name,
      organization: world.citizen(name).organization)
    if Int.random(in: 0..<10, using: &random) < 8 { word.why = "Known" }
    if Int.random(in: 0..<10, using: &random) < 3 { word.stage = Int.random(in: 1...3, using: &random) }
    if Int.random(in: 0..<10, using: &random) < 1 {
      word.end = days(.random(in: 2...200, using: &random), now)
    }
    return word
  }

  private func who(_ stage: Bylaws.Stage, _ citizen: Citizen, _ bylaws: Bylaws) -> [String] {
    let partner = citizen.organization.flatMap { bylaws.organizations[$0] }
    let asked = stage.asks.flatMap { asked -> [String] in
      switch asked {
      case .person(let name): [name]
      case .group(let name): bylaws.groups[name]?.sorted() ?? []
      case .ourSponsors: partner?.ourSponsors.sorted() ?? []
      case .theirSponsors: partner?.theirSponsors.sorted() ?? []
      }
    }
    return asked + stage.fallback.prefix(1) + asked.compactMap { bylaws.delegates[$0] }
  }

  // MARK: - What is held

  private mutating func aboutAccess(
    _ holding: String, _ citizen: Citizen, _ dossier: Dossier, _ bylaws: Bylaws, _ dice: Int
  ) -> Turn {
    let isByAdministrator = Int.random(in: 0..<3, using: &random) == 0
    var change = Change(
      holding: holding, key: Bool.random(using: &random) ? key() : "",
      why: Bool.random(using: &random) ? "Still needed" : "", isByAdministrator: isByAdministrator)
    let other = Change(holding: holding, isByAdministrator: !isByAdministrator)
    if !isByAdministrator, Bool.random(using: &random) { change.accepts = version(bylaws) }
    func turn(_ operations: [Operation], atOnce: Bool = false) -> Turn {
      Turn(citizen: citizen.name, operations: operations, isAtOnce: atOnce)
    }
    if let vote = dossier.votes[holding], dice.isMultiple(of: 3) {
      let approver = vote.decisions.joined().map(\.by).randomElement(using: &random) ?? "grace"
      return turn([.revoke(vote: holding, by: dice.isMultiple(of: 5) ? "henry" : approver)])
    }
    switch dice % 12 {
    case 0, 1, 2: return turn([.remove(change)])
    case 3: return turn([.remove(change), .remove(change)])
    case 4: return turn([.remove(change), .remove(other)], atOnce: true)
    case 5: return turn([.extend(change), .remove(other)], atOnce: true)
    case 6:
      var once = change
      once.key = key()
      return turn([.extend(once), .extend(once)])
    case 7:
      // Whoever is in the directory may have Chosen: that may not be settled yet.
      let package = dossier.holdings[holding]?.package ?? "open"
      return turn([.remove(change)] + (package == "chosen" ? [] : [.submit(Wish(package: package))]))
    default: return turn([.extend(change)])
    }
  }

  /// What is over is asked about once more.
  private mutating func aboutThePast(_ old: String, _ citizen: Citizen, _ dossier: Dossier, _ dice: Int)
    -> Turn
  {
    let change = Change(holding: old, isByAdministrator: dice.isMultiple(of: 2))
    let operations: [Operation] = [
      .remove(change), .extend(change), .cancel(request: old, byStranger: false, byAdministrator: false),
      .revoke(vote: dossier.votes[old] == nil ? UUID().uuidString.lowercased() : old, by: "grace"),
    ]
    return Turn(
      citizen: citizen.name, operations: [operations.randomElement(using: &random) ?? .remove(change)])
  }

  // MARK: - What is asked for

  private mutating func asking(
    _ citizen: Citizen, _ dossier: Dossier, _ bylaws: Bylaws, _ now: Date, _ withShortClocks: Bool
  ) -> Turn {
    let wish = wish(bylaws, now, withShortClocks)
    let isBrief = ["short", "term", "hurry"].contains(wish.package) || wish.start != nil
    func turn(_ operations: [Operation], atOnce: Bool = false) -> Turn {
      Turn(citizen: citizen.name, operations: operations, isAtOnce: atOnce)
    }
    switch isBrief ? 9 : Int.random(in: 0..<10, using: &random) {
    case 0: return turn([.submit(wish), .submit(wish)])
    case 1: return turn([.submit(wish), .submit(wish)], atOnce: true)
    case 2: return turn([.submit(Wish(package: "entry")), .submit(Wish(package: "release"))], atOnce: true)
    case 3:
      // A key that was used before, with what it was used for or with something else.
      guard let (key, spent) = dossier.keys.sorted(by: { $0.key < $1.key }).randomElement(using: &random),
        key.hasPrefix("key-")
      else { return turn([.submit(wish)]) }
      var again = Wish(package: Bool.random(using: &random) ? "open" : wish.package, key: key)
      if let known = dossier.requests[spent.request],
        "\(known.package) " == spent.body.prefix(known.package.count + 1)
      {
        again = Wish(package: known.package, key: key)
      }
      return turn([.submit(again)])
    default: return turn([.submit(wish)])
    }
  }

  private mutating func wish(_ bylaws: Bylaws, _ now: Date, _ withShortClocks: Bool) -> Wish {
    let usual = [
      "open", "sponsored", "sponsored", "staged", "staged", "board", "board", "entry", "release", "chosen",
      "chosen",
      "assigned", "planned", "planned", "dated", "guild", "guild",
    ]
    let brief = ["short", "short", "term", "term", "hurry", "planned"]
    let package = (withShortClocks ? usual + brief : usual).randomElement(using: &random) ?? "open"
    var wish = Wish(package: package)
    wish.isByAdministrator = Int.random(in: 0..<10, using: &random) < (package == "assigned" ? 7 : 1)
    if Int.random(in: 0..<4, using: &random) == 0 { wish.key = key() }
    if package == "planned" || Int.random(in: 0..<4, using: &random) == 0 { wish.why = "Project X" }
    if !wish.isByAdministrator, Int.random(in: 0..<10, using: &random) < 7 { wish.accepts = version(bylaws) }
    if package == "chosen", Bool.random(using: &random) {
      wish.policy = ["chosen-people", "chosen-members", "chosen-directory", "chosen-outside"]
        .randomElement(using: &random)
    }
    if package == "dated", Int.random(in: 0..<3, using: &random) > 0 {
      wish.policy = ["dated-fabrikam", "dated-both"].randomElement(using: &random)
    }
    if package == "planned" || Int.random(in: 0..<20, using: &random) == 0 {
      plan(&wish, now, withShortClocks)
    }
    return wish
  }

  private mutating func plan(_ wish: inout Wish, _ now: Date, _ withShortClocks: Bool) {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: wish.end = days(.random(in: 1...29, using: &random), now)
    case 1: wish.end = days(.random(in: 60...90, using: &random), now)
    case 2: wish.end = days(-1, now)
    case 3: (wish.start, wish.end) = (days(3, now), days(2, now))
    case 4: (wish.start, wish.end) = (days(3, now), days(9, now))
    case 5 where withShortClocks: wish.start = rounded(now.addingTimeInterval(20))
    default: break
    }
  }

  private mutating func key() -> String { "key-\(Int.random(in: 0..<6, using: &random))" }
  private func days(_ number: Int, _ now: Date) -> Date {
    rounded(now.addingTimeInterval(Double(number) * 86_400))
  }
  private func rounded(_ date: Date) -> Date {
    Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded())
  }
}

extension Operation {
  /// The same with a key where it has none. An administrator's keys are those of one caller for all people.
  fileprivate func signed(_ name: String, else key: String) -> Operation {
    func signed(_ own: String, _ isByAdministrator: Bool) -> String {
      if own.isEmpty { return key }
      return isByAdministrator ? "for \(name) \(own)" : own
    }
    switch self {
    case .submit(var wish):
      wish.key = signed(wish.key, wish.isByAdministrator)
      return .submit(wish)
    case .extend(var change):
      change.key = signed(change.key, change.isByAdministrator)
      return .extend(change)
    case .remove(var change):
      change.key = signed(change.key, change.isByAdministrator)
      return .remove(change)
    case .cancel, .decide, .revoke, .accept: return self
    }
  }
}
