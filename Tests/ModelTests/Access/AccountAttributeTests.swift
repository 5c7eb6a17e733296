import EntitlementModel
import Foundation
import Testing

@Suite("Attributes of accounts: one row, with claims on it")
struct AccountAttributeTests {
  static let (first, second) = (uuid(31), uuid(32))

  static func claim(_ value: String, day number: Int = 0, isPersisted: Bool = false) -> AccountAttribute.Claim
  {
    .init(value: value, since: day(number), isPersisted: isPersisted)
  }

  static func sample(
    _ claims: [UUID: AccountAttribute.Claim] = [:], _ observed: AccountAttribute.Observed = .unknown,
    ours: Set<String> = [], overwritten: String? = nil
  ) -> AccountAttribute {
    AccountAttribute(
      id: .init(guest: anna, connector: "directory", name: "costCenter"), tenant: contoso, claims: claims,
      generation: 3, observed: observed, ours: ours, overwritten: overwritten)
  }

  private func look(_ value: String?, _ attribute: inout AccountAttribute, generation: Int? = nil) -> Bool {
    attribute.found(value, generation: generation ?? attribute.generation)
  }

  @Test(
    "What is wanted, what is seen, what is ours and what we wrote over give the state, and what is to be there",
    arguments: [
      // wanted, seen, ours, overwritten: the state, what is to be there
      ("A", .unknown, [], nil, .writing, "A"), ("A", .empty, [], nil, .writing, "A"),
      ("A", .value("B"), ["B"], nil, .writing, "A"), ("A", .value("A"), ["A"], nil, .written, "A"),
      ("A", .value("A"), [], nil, .written, "A"), ("A", .value("A"), ["A"], "X", .written, "A"),
      ("A", .value("X"), ["A"], "X", .writing, "A"),
      (nil, .value("A"), ["A"], nil, .clearing, nil), (nil, .unknown, ["A"], nil, .clearing, nil),
      (nil, .value("A"), [], nil, .cleared, nil), (nil, .value("Z"), ["A"], nil, .cleared, nil),
      (nil, .empty, [], nil, .cleared, nil), (nil, .unknown, [], nil, .cleared, nil),
      (nil, .value("A"), ["A"], "X", .clearing, "X"), (nil, .unknown, ["A"], "X", .clearing, "X"),
      (nil, .value("X"), ["A"], "X", .cleared, "X"), (nil, .value("X"), ["A", "X"], "X", .cleared, "X"),
      (nil, .value("Z"), ["A"], "X", .cleared, "X"), (nil, .empty, ["A"], "X", .cleared, "X"),
    ] as [(String?, AccountAttribute.Observed, Set<String>, String?, AccountAttribute.State, String?)])
  func state(
    wanted: String?, observed: AccountAttribute.Observed, ours: Set<String>, overwritten: String?,
    state: AccountAttribute.State, due: String?
  ) {
    let claims = wanted.map { [Self.first: Self.claim($0)] } ?? [:]
    let attribute = Self.sample(claims, observed, ours: ours, overwritten: overwritten)
    #expect(attribute.state == state && attribute.due == due)
    #expect(attribute.isPending == (state == .writing || state == .clearing))
  }

  @Test(
    "What we wrote over is given back, unless somebody else has changed it meanwhile, or what we wrote is to stay",
    arguments: [
      // before us, whether ours is to stay, what is found in the end: what is made of it, nil for nothing
      ("X", false, "A", "X"), ("X", true, "A", nil), ("X", false, "Z", nil), ("X", false, nil, nil),
      ("X", false, "X", nil), (nil, false, "A", ""), (nil, false, "Z", nil),
    ] as [(String?, Bool, String?, String?)])
  func givesBack(before: String?, isPersisted: Bool, present: String?, change: String?) {
    var attribute = Self.sample([Self.first: Self.claim("A", isPersisted: isPersisted)])
    let mustWrite = look(before, &attribute)
    attribute.answered(.done, generation: attribute.generation, at: noon)
    #expect(mustWrite && attribute.state == .written && attribute.overwritten == before)
    attribute.release(by: Self.first, at: noon)
    let mustChange = look(present, &attribute)
    #expect(mustChange == (change != nil))
    if let change {
      #expect(attribute.due == (change.isEmpty ? nil : change))
      attribute.answered(.done, generation: attribute.generation, at: noon)
    }
    #expect(attribute.state == .cleared && attribute.ours.isEmpty && attribute.overwritten == nil)
  }

  @Test(
    "Lost and later answers change nothing of what was there before; what somebody else put there last is given back"
  )
  func before() {
    var attribute = Self.sample([Self.first: Self.claim("A")])
    for present in ["X", "A", "A"] {  // Written, and the answer is lost; then found.
      _ = look(present, &attribute)
      #expect(attribute.overwritten == "X")
    }
    attribute.claim(Self.claim("X", day: 1), by: Self.first, at: noon)
    _ = look("A", &attribute)
    attribute.answered(.done, generation: attribute.generation, at: noon)
    #expect(attribute.state == .written && attribute.overwritten == "X")
    attribute.claim(Self.claim("B", day: 2), by: Self.second, at: noon)
    let mustReplace = look("Y", &attribute)
    #expect(mustReplace && attribute.overwritten == "Y")
    attribute.answered(.done, generation: attribute.generation, at: noon)
    attribute.release(by: Self.second, at: noon)
    attribute.release(by: Self.first, at: noon)
    for present in ["B", "B"] {
      let mustGiveBack = look(present, &attribute)
      #expect(mustGiveBack && attribute.due == "Y")
    }
    let isMissing = look("Y", &attribute)
    #expect(!isMissing, "it was given back; the answer was lost")
    #expect(attribute.state == .cleared && attribute.overwritten == nil)
  }

  @Test("A new answer while it is being given back is written over the same", arguments: ["A", "X"])
  func claimedAgain(present: String) {
    var attribute = Self.sample([Self.first: Self.claim("A")], .value("A"), ours: ["A"], overwritten: "X")
    attribute.release(by: Self.first, at: noon)
    _ = look("A", &attribute)
    attribute.claim(Self.claim("B"), by: Self.second, at: noon)
    let mustWrite = look(present, &attribute)
    #expect(mustWrite && attribute.overwritten == "X")
  }

  @Test("What can not be given back is cleared")
  func refusedBack() {
    var attribute = Self.sample([:], .unknown, ours: ["A"], overwritten: "X")
    attribute.answered(.retry(error: .connectorUnavailable, at: day(1)), generation: 3, at: noon)
    #expect(attribute.due == "X")
    attribute.answered(.refused(error: .connectorRefused), generation: 3, at: noon)
    #expect(attribute.due == nil && attribute.state == .clearing && attribute.nextAttemptAt == noon)
  }

  @Test("The newest answer counts, whatever the order in which they come; with it gone, the one before")
  func newestCounts() {
    for order in [[Self.first, Self.second], [Self.second, Self.first]] {
      var attribute = Self.sample()
      for assignment in order {
        let isFirst = assignment == Self.first
        attribute.claim(Self.claim(isFirst ? "A" : "B", day: isFirst ? 1 : 2), by: assignment, at: noon)
      }
      #expect(attribute.wanted == "B" && attribute.newest == Self.second)
      attribute.release(by: Self.second, at: noon)
      #expect(attribute.wanted == "A")
    }
  }

  @Test("The same claim twice, or an older one of another assignment, asks the connector nothing")
  func silent() {
    var attribute = Self.sample([Self.second: Self.claim("B", day: 2)], .value("B"), ours: ["B"])
    attribute.claim(Self.claim("B", day: 2), by: Self.second, at: noon)
    attribute.claim(Self.claim("A", day: 1), by: Self.first, at: noon)
    #expect(attribute.generation == 3 && !attribute.isPending && attribute.nextAttemptAt == nil)
  }

  @Test("What is to be written is ours before it is written, and what is there stays ours until it is")
  func provenance() {
    var attribute = Self.sample([Self.first: Self.claim("B")], .value("A"), ours: ["A"])
    attribute.claim(Self.claim("B", day: 1), by: Self.first, at: noon)
    let mustWrite = look("A", &attribute)
    #expect(mustWrite)
    #expect(attribute.ours == ["A", "B"] && attribute.observed == .unknown)
    // The answer is lost; whichever of the two is there, it is ours.
    attribute.release(by: Self.first, at: noon)
    #expect(attribute.state == .clearing)
    let mustClear = look("A", &attribute)
    #expect(mustClear)
    attribute.answered(.done, generation: attribute.generation, at: noon)
    #expect(attribute.state == .cleared && attribute.ours.isEmpty)
  }

  @Test(
    "What was there before us is never cleared, and what somebody else has put in the place of ours neither")
  func others() {
    var found = Self.sample([Self.first: Self.claim("A")])
    let isMissing = look("A", &found, generation: 3)
    #expect(!isMissing, "it is there already")
    found.release(by: Self.first, at: noon)
    #expect(found.state == .cleared)

    var replaced = Self.sample([Self.first: Self.claim("A")], .value("A"), ours: ["A"])
    replaced.release(by: Self.first, at: noon)
    let mustChange = look("Z", &replaced)
    #expect(!mustChange)
    #expect(replaced.state == .cleared && replaced.ours.isEmpty)
  }

  @Test("What is to stay stays, and is nobody's then", arguments: [true, false])
  func persisted(isPersisted: Bool) {
    var attribute = Self.sample(
      [Self.first: Self.claim("A", isPersisted: isPersisted)], .value("A"), ours: ["A"])
    attribute.release(by: Self.first, at: noon)
    #expect(attribute.state == (isPersisted ? .cleared : .clearing))
  }

  @Test("An answer to an older wish says nothing")
  func generations() {
    var attribute = Self.sample([Self.first: Self.claim("A")])
    attribute.claim(Self.claim("B", day: 1), by: Self.first, at: noon)
    let isCurrent = look("A", &attribute, generation: 3)
    #expect(!isCurrent)
    attribute.answered(.done, generation: 3, at: noon)
    #expect(attribute.state == .writing)
  }

  @Test(
    "What can not be written stops there and is tried again with the next answer; to clear is tried for ever")
  func refusals() {
    var attribute = Self.sample([Self.first: Self.claim("A")])
    attribute.answered(.retry(error: .connectorUnavailable, at: day(1)), generation: 3, at: noon)
    #expect(attribute.state == .writing && attribute.nextAttemptAt == day(1))
    attribute.answered(.refused(error: .connectorRefused), generation: 3, at: noon)
    #expect(attribute.state == .failed)
    attribute.claim(Self.claim("A", day: 1), by: Self.first, at: noon)
    #expect(attribute.state == .writing && attribute.lastError == nil)

    var clearing = Self.sample([:], .unknown, ours: ["A"])
    clearing.answered(.refused(error: .connectorRefused), generation: 3, at: noon)
    #expect(clearing.state == .clearing && clearing.nextAttemptAt == noon.addingTimeInterval(3_600))
  }

  @Test("Without an account there is nothing to clear")
  func accountGone() {
    var attribute = Self.sample([:], .unknown, ours: ["A"])
    attribute.accountGone()
    #expect(attribute.state == .cleared)
    var wanted = Self.sample([Self.first: Self.claim("A")])
    wanted.accountGone()
    #expect(wanted.state == .writing)
  }
}
