/// The headers of a received message, in the order in which the broker sent them.
///
/// A message has about ten headers, which a linear search finds faster than a dictionary is built.
package struct Headers: Sendable, Equatable {
  /// Every header with its name.
  package let entries: [(name: String, value: HeaderValue)]

  package init(_ entries: [(name: String, value: HeaderValue)] = []) {
    self.entries = entries
  }

  /// The value of the first header of that name; names are case-sensitive.
  package subscript(name: String) -> HeaderValue? {
    for entry in entries where entry.name == name { return entry.value }
    return nil
  }

  /// The header's text, if it exists and is a string.
  package func string(_ name: String) -> String? { self[name]?.string }

  /// The header's number, if it exists and is an integer.
  package func integer(_ name: String) -> Int64? { self[name]?.integer }

  /// The headers by name; of several with one name the first counts.
  package var dictionary: [String: HeaderValue] {
    Dictionary(entries.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  package static func == (left: Headers, right: Headers) -> Bool {
    left.entries.elementsEqual(right.entries) { $0.name == $1.name && $0.value == $1.value }
  }
}
