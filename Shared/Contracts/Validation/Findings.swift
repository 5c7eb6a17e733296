import EntitlementModel
import Foundation
import SwiftProtobuf

/// Collects every check that fails, under the path of the field that it is about.
struct Findings {
  private(set) var reasons: [Reason] = []
  private var path: [String] = []

  mutating func add(_ error: ContractError) {
    reasons.append(path.reversed().reduce(error) { $0.within($1) }.reason)
  }

  mutating func add(_ code: Reason.Code, _ field: String, _ expected: String) {
    add(ContractError(code, field: field, expected: expected))
  }

  mutating func within(_ field: String, _ check: (inout Findings) -> Void) {
    path.append(field)
    check(&self)
    path.removeLast()
  }

  mutating func each<Element>(
    _ elements: [Element], at field: String, _ check: (Element, inout Findings) -> Void
  ) {
    for (index, element) in elements.enumerated() {
      within("\(field)[\(index)]") { check(element, &$0) }
    }
  }

  /// The value, or nil after noting what is wrong with it.
  @discardableResult
  mutating func note<Value>(_ read: () throws(ContractError) -> Value) -> Value? {
    do { return try read() } catch {
      add(error)
      return nil
    }
  }

  mutating func id(_ text: String, _ field: String) {
    note { () throws(ContractError) in try Field.id(text, at: field) }
  }

  mutating func optionalID(_ text: String, _ field: String) {
    note { () throws(ContractError) in try Field.optionalID(text, at: field) }
  }

  mutating func text(_ text: String, _ field: String, limit: Int, isRequired: Bool = false) {
    note { () throws(ContractError) in
      try Field.text(text, at: field, limit: limit, isRequired: isRequired)
    }
  }

  /// A short name that files and answers refer to.
  mutating func slug(_ text: String, _ field: String) {
    if Self.isSlug(text) { return }
    add(text.isEmpty ? .required : .malformed, field, "[a-z0-9][a-z0-9-]{0,62}")
  }

  private static func isSlug(_ name: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
    }
    guard (1...63).contains(name.utf8.count), let first = name.utf8.first else { return false }
    return isAlphanumeric(first) && name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  /// The names that nearly every object shows.
  mutating func description(displayName: String, description: String) {
    text(displayName, "display_name", limit: Limits.displayName, isRequired: true)
    text(description, "description", limit: Limits.description)
  }

  mutating func atMost(_ limit: Int, of elements: some Collection, _ field: String) {
    if elements.count > limit { add(.tooManyItems, field, "at most \(limit)") }
  }

  /// Ids, each well-formed and named once.
  mutating func ids(_ texts: [String], _ field: String) {
    for (index, text) in texts.enumerated() { id(text, "\(field)[\(index)]") }
    unique(texts.map { $0.lowercased() }, field)
  }

  mutating func unique(_ keys: [some Hashable], _ field: String) {
    var seen: Set<AnyHashable> = []
    for (index, key) in keys.enumerated() where !seen.insert(AnyHashable(key)).inserted {
      add(.malformed, "\(field)[\(index)]", "each one once")
    }
  }

  mutating func domain(_ name: String, _ field: String) {
    note { () throws(ContractError) in try Field.domainName(name, at: field) }
  }

  /// A duration no shorter and no longer than these, in seconds.
  mutating func period(_ text: String, _ field: String, _ allowed: ClosedRange<Int>, expected: String) {
    guard let period = note({ () throws(ContractError) in try Field.period(text, at: field) }) else { return }
    if !allowed.contains(period.minimumSeconds) { add(.outOfRange, field, expected) }
  }

  mutating func instant(_ timestamp: Google_Protobuf_Timestamp?, _ field: String) {
    note { () throws(ContractError) in try Field.optionalInstant(timestamp, at: field) }
  }
}
