import EntitlementModel
import Foundation

/// Who is to be taken under governance: a line a person and package.
struct AdoptionFile {
  enum Column: String, CaseIterable {
    case email = "e-mail"
    case displayName = "display name"
    case organization, package, policy, end

    var isRequired: Bool {
      switch self {
      case .email, .organization, .package: true
      case .displayName, .policy, .end: false
      }
    }

    /// `E-Mail`, `email` and `e_mail` are the same.
    init?(heading: String) {
      guard let column = Self.allCases.first(where: { Self.key($0.rawValue) == Self.key(heading) }) else {
        return nil
      }
      self = column
    }

    private static func key(_ text: String) -> String { text.lowercased().filter(\.isLetter) }
  }

  struct Line: Equatable {
    let number: Int
    let email: String
    let displayName: String
    let organization: String
    let package: String
    let policy: String
    let end: String
  }

  let lines: [Line]
  /// What can not be read, with what would be right.
  let faults: [AdoptionResult]

  init(_ text: String) {
    var records = CSVText.records(text)[...]
    guard let head = records.popFirst() else {
      (lines, faults) = ([], [AdoptionResult(line: 1, .refused, "the file is empty: \(Self.headings)")])
      return
    }
    let columns = head.fields.map(Column.init(heading:))
    let wrong = Self.faults(of: head, columns)
    guard wrong.isEmpty else {
      (lines, faults) = ([], wrong)
      return
    }
    var (lines, faults): ([Line], [AdoptionResult]) = ([], [])
    var seen: [String: Int] = [:]
    for record in records {
      guard record.fields.count == columns.count else {
        faults.append(
          AdoptionResult(
            line: record.line, .refused,
            "\(record.fields.count) fields, where the heading has \(columns.count)"))
        continue
      }
      let line = Line(record, columns)
      let fault = line.fault ?? Self.repetition(line, &seen)
      if let fault { faults.append(AdoptionResult(line, .refused, fault)) } else { lines.append(line) }
    }
    (self.lines, self.faults) = (lines, faults)
  }

  static let headings =
    "the columns are "
    + Column.allCases.map { $0.isRequired ? $0.rawValue : "\($0.rawValue) (optional)" }
    .joined(separator: ", ")

  private static func faults(of head: CSVText.Record, _ columns: [Column?]) -> [AdoptionResult] {
    let unknown = zip(head.fields, columns).filter { $1 == nil }.map { "unknown column `\($0.0)`" }
    let missing = Column.allCases.filter { $0.isRequired && !columns.contains($0) }.map {
      "the column `\($0.rawValue)` is missing"
    }
    let twice = Column.allCases.filter { column in columns.count { $0 == column } > 1 }.map {
      "the column `\($0.rawValue)` is there twice"
    }
    return (unknown + missing + twice).map { AdoptionResult(line: head.line, .refused, "\($0): \(headings)") }
  }

  private static func repetition(_ line: Line, _ seen: inout [String: Int]) -> String? {
    let key = "\(line.email.lowercased()) \(line.package)"
    if let first = seen[key] { return "the same person and package as line \(first)" }
    seen[key] = line.number
    return nil
  }
}

extension AdoptionFile.Line {
  init(_ record: CSVText.Record, _ columns: [AdoptionFile.Column?]) {
    var values: [AdoptionFile.Column: String] = [:]
    for (column, value) in zip(columns, record.fields) { if let column { values[column] = value } }
    self.init(
      number: record.line, email: values[.email] ?? "", displayName: values[.displayName] ?? "",
      organization: values[.organization] ?? "", package: values[.package] ?? "",
      policy: values[.policy] ?? "",
      end: values[.end] ?? "")
  }

  fileprivate var fault: String? {
    if DomainName(email: email) == nil { return "`\(email)` is no e-mail address: name@fabrikam.example is" }
    if organization.isEmpty { return "the organization is missing: the name of a connected organization" }
    if package.isEmpty { return "the package is missing: the name of an access package" }
    return nil
  }
}

/// What became of a line.
struct AdoptionResult: Equatable {
  enum Outcome: String { case adopted, adoptedBefore, wouldAdopt, refused }

  let line: Int
  let email: String
  let package: String
  let outcome: Outcome
  let detail: String

  init(_ line: AdoptionFile.Line, _ outcome: Outcome, _ detail: String = "") {
    (self.line, email, package) = (line.number, line.email, line.package)
    (self.outcome, self.detail) = (outcome, detail)
  }

  init(line: Int, _ outcome: Outcome, _ detail: String) {
    (self.line, email, package, self.outcome, self.detail) = (line, "", "", outcome, detail)
  }

  static let heading = CSVText.line(["line", "e-mail", "package", "result", "detail"])
  var text: String { CSVText.line(["\(line)", email, package, outcome.rawValue, detail]) }
}
