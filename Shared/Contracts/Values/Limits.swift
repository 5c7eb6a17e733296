/// How long texts may be, in characters.
package enum Limits {
  package static let displayName = 256
  package static let description = 4_000
  package static let justification = 4_000
}
