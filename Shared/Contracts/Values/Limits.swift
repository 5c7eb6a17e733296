/// How long texts may be, in characters.
package enum Limits {
  package static let displayName = 256
  package static let description = 4_000
  package static let justification = 4_000
}

/// How many things one object may name: far more than anybody needs, and few enough for one message.
enum MostOfObject {
  static let items = 1_000
  static let roles = 5_000
  static let domains = 10_000
}
