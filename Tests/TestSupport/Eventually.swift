import LocalSystem

/// A condition that did not come true in time.
package struct ConditionNotMet: Error, Equatable, CustomStringConvertible {
  package let description: String
}

/// Waits until `condition` holds, asking again and again with a small pause.
///
/// - Throws: `ConditionNotMet` after `limit`, or what `condition` throws.
package func eventually(
  within limit: Duration = .seconds(20), _ what: String = "the condition",
  _ condition: () async throws -> Bool
) async throws {
  guard try await poll(within: limit, condition) else {
    throw ConditionNotMet(description: "\(what) did not hold within \(limit)")
  }
}

/// Waits until `value` becomes `expected`; the error tells the last value seen.
package func eventually<Value: Equatable>(
  within limit: Duration = .seconds(20), equals expected: Value, _ value: () async throws -> Value
) async throws {
  var last: Value?
  let met = try await poll(within: limit) {
    last = try await value()
    return last == expected
  }
  guard met else {
    let seen = last.map { "\($0)" } ?? "nothing"
    throw ConditionNotMet(description: "expected \(expected) within \(limit), last saw \(seen)")
  }
}
