import EntitlementModel
import Protocols

/// That a change was made in sight of what is stored.
enum ConfigurationVersion {
  /// - Throws: `versionConflict` with the number that the stored object bears.
  static func check(
    _ expected: Vestibule_Model_V1_Version?, against stored: ConfigurationEntry?
  ) throws(Refusal) {
    guard let expected else { return }
    let number = stored?.object.version.number ?? 0
    if expected.number != number {
      throw Refusal(
        .versionConflict, "The stored object is of another version.", field: "version", hint: "\(number)")
    }
  }
}
