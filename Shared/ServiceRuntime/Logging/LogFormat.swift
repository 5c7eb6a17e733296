/// How a line of the log looks.
package enum LogFormat: String, Sendable {
  /// For people.
  case text
  /// One JSON object a line, for collectors.
  case json
}
