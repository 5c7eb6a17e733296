import Foundation

/// Keys as opaque tokens: base64url without padding.
package enum PageToken {
  /// - Returns: nothing for no key: the list has ended.
  package static func encode(_ key: (some PageKey)?) -> String {
    guard let key else { return "" }
    return Data(key.tokenText.utf8).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  static func decode(_ token: String) -> String? {
    let standard = token.replacing("-", with: "+").replacing("_", with: "/")
    let padded = standard + String(repeating: "=", count: (4 - standard.count % 4) % 4)
    return Data(base64Encoded: padded).flatMap { String(data: $0, encoding: .utf8) }
  }
}
