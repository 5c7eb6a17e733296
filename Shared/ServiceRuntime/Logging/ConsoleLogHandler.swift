package import Logging
import Foundation

/// Writes to the standard error, one line an event.
package struct ConsoleLogHandler: LogHandler {
  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  private let label: String
  private let format: LogFormat
  private let write: @Sendable (String) -> Void

  package init(label: String, level: Logger.Level, format: LogFormat) {
    self.init(label: label, level: level, format: format) { FileHandle.standardError.write(Data($0.utf8)) }
  }

  /// - Parameter write: takes a line with its end.
  init(label: String, level: Logger.Level, format: LogFormat, write: @escaping @Sendable (String) -> Void) {
    (self.label, logLevel, self.format, self.write) = (label, level, format, write)
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let more = (metadataProvider?.get() ?? [:]).merging(event.metadata ?? [:]) { $1 }
    let fields = metadata.merging(more) { $1 }
    write((format == .json ? json(event, fields) : text(event, fields)) + "\n")
  }

  private func text(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
    let pairs = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.oneLine("\($0.value)"))" }.joined()
    return "\(Self.moment()) \(event.level) \(label): \(Self.oneLine("\(event.message)"))\(pairs)"
  }

  private func json(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
    var line = fields.mapValues { "\($0)" }
    line["time"] = Self.moment()
    line["level"] = event.level.rawValue
    line["logger"] = label
    line["message"] = "\(event.message)"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(line) else { return text(event, fields) }
    return String(decoding: data, as: UTF8.self)
  }

  /// A value with line breaks must not look like further lines of the log.
  private static func oneLine(_ text: String) -> String {
    text.contains(where: \.isNewline) ? text.split(whereSeparator: \.isNewline).joined(separator: " ") : text
  }

  private static func moment() -> String {
    Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
