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
    ours: Set<String> = []
  ) -> AccountAttribute {
    AccountAttribute(
      id: .init(guest: anna, connector: "directory", name: "costCenter"), tenant: contoso, claims: claims,
      generation: 3, observed: observed, ours: ours)
  }

  private func look(_ value: String?, _ attribute: inout AccountAttribute, generation: Int? = nil) -> Bool {
    attribute.found(value, generation: generation ?? attribute.generation)
  }

  @Test(
    "What is wanted, what is seen and what is ours give the state",
    arguments: [
      ("A", AccountAttribute.Observed.unknown, [], AccountAttribute.State.writing),
      ("A", .empty, [], .writing),
      ("A", .value("B"), ["B"], .writing), ("A", .value("A"), ["A"], .written),
      ("A", .value("A"), [], .written),
      (nil, .value("A"), ["A"], .clearing), (nil, .unknown, ["A"], .clearing),
      (nil, .value("A"), [], .cleared), (nil, .value("Z"), ["A"], .cleared), (nil, .empty, [], .cleared),
      (nil, .unknown, [], .cleared),
    ] as [(String?, AccountAttribute.Observed, Set<String>, AccountAttribute.State)])
  func state(
    wanted: String?, observed: AccountAttribute.Observed, ours: Set<String>, state: AccountAttribute.State
  ) {
    let claims = wanted.map { [Self.first: Self.claim($0)] } ?? [:]
    let attribute = Self.sample(claims, observed, ours: ours)
    #expect(attribute.state == state)
    #expect(attribute.isPending == (state == .writing || state == .clearing))
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
    attribute.answered(.retry(error: "connectorUnavailable", at: day(1)), generation: 3, at: noon)
    #expect(attribute.state == .writing && attribute.nextAttemptAt == day(1))
    attribute.answered(.refused(error: "connectorRefused"), generation: 3, at: noon)
    #expect(attribute.state == .failed)
    attribute.claim(Self.claim("A", day: 1), by: Self.first, at: noon)
    #expect(attribute.state == .writing && attribute.lastError.isEmpty)

    var clearing = Self.sample([:], .unknown, ours: ["A"])
    clearing.answered(.refused(error: "connectorRefused"), generation: 3, at: noon)
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
