/// Comma-separated values (RFC 4180): fields in double quotes may hold commas, line breaks and doubled quotes.
enum CSVText {
  struct Record: Equatable {
    /// Of its first line, from 1.
    let line: Int
    let fields: [String]
  }

  /// The records of a text, without empty lines. A quote that is never closed takes the rest of the text.
  static func records(_ text: String) -> [Record] {
    var reader = Reader()
    for character in text { reader.take(character) }
    return reader.finished()
  }

  static func line(_ fields: [String]) -> String {
    fields.map(quoted).joined(separator: ",") + "\n"
  }

  private static func quoted(_ field: String) -> String {
    let needsQuotes = field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
    return needsQuotes ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
  }

  private struct Reader {
    private var records: [Record] = []
    private var fields: [String] = []
    private var field = ""
    private var (isQuoted, wasQuote) = (false, false)
    private var (line, start) = (1, 1)

    mutating func take(_ character: Character) {
      if character.isNewline { line += 1 }
      if isQuoted, !wasQuote {
        if character == "\"" { wasQuote = true } else { field.append(character) }
        return
      }
      if isQuoted, character == "\"" {
        field.append(character)
        wasQuote = false
        return
      }
      (isQuoted, wasQuote) = (false, false)
      switch character {
      case "\"" where field.isEmpty: isQuoted = true
      case ",": endField()
      case let other where other.isNewline: endRecord()
      default: field.append(character)
      }
    }

    mutating func finished() -> [Record] {
      endRecord()
      return records
    }

    private mutating func endField() {
      fields.append(field.trimmed)
      field = ""
    }

    private mutating func endRecord() {
      endField()
      if fields != [""] { records.append(Record(line: start, fields: fields)) }
      (fields, start) = ([], line)
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
