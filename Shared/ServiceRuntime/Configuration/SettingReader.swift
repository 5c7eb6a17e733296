package import Configuration

/// Reads settings by the names of their environment variables. Whatever is wrong says which one and what
/// would be right.
package struct SettingReader: Sendable {
  private let reader: ConfigReader

  package init(_ reader: ConfigReader) {
    self.reader = reader
  }

  /// - Parameter environment: variables and their values.
  package init(environment: [String: String]) {
    reader = ConfigReader(
      provider: EnvironmentVariablesProvider(environmentVariables: environment, secretsSpecifier: .all))
  }

  /// nil when it is not set, or set to nothing.
  package func text(_ variable: String) -> String? {
    let key = ConfigKey(variable.lowercased().split(separator: "_").map(String.init))
    guard let value = reader.string(forKey: key, isSecret: true), !value.isEmpty else { return nil }
    return value
  }

  package func required<Value>(
    _ variable: String, _ expected: String, _ parse: (String) -> Value?
  ) throws(ConfigurationError) -> Value {
    guard let value = try optional(variable, expected, parse) else {
      throw ConfigurationError(variable, expected: expected, isMissing: true)
    }
    return value
  }

  package func optional<Value>(
    _ variable: String, _ expected: String, _ parse: (String) -> Value?
  ) throws(ConfigurationError) -> Value? {
    guard let text = text(variable) else { return nil }
    guard let value = parse(text) else { throw ConfigurationError(variable, expected: expected) }
    return value
  }

  package func int(
    _ variable: String, in range: ClosedRange<Int>, default standard: Int
  ) throws(ConfigurationError) -> Int {
    try optional(variable, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    } ?? standard
  }
}
