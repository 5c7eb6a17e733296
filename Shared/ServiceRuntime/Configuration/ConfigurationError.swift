/// A setting that is missing or wrong. Its description is the one line that a service ends with; it never
/// holds the value, which may be a secret.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The environment variable.
  package let variable: String
  /// What would be right.
  package let expected: String
  package let isMissing: Bool

  package init(_ variable: String, expected: String, isMissing: Bool = false) {
    (self.variable, self.expected, self.isMissing) = (variable, expected, isMissing)
  }

  package var description: String {
    "\(variable) \(isMissing ? "is missing" : "is wrong"): it must be \(expected)"
  }
}
