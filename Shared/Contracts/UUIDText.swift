package import Foundation

/// The text of ids on the wire: 36 lower-case characters. Written by hand because it is on every message's path.
extension UUID {
  /// Reads `01890a5d-ac96-774b-bcce-b302099a8057`, in either case; nil for anything else.
  package init?(text: String) {
    var text = text
    let parsed = text.withUTF8 { characters -> uuid_t? in
      guard characters.count == 36 else { return nil }
      var (bytes, filled, position): (uuid_t, Int, Int) = (UUID.zero, 0, 0)
      return withUnsafeMutableBytes(of: &bytes) { buffer -> Bool in
        while position < 36 {
          if position == 8 || position == 13 || position == 18 || position == 23 {
            guard characters[position] == 0x2D else { return false }
            position += 1
          }
          guard let high = Self.nibble(characters[position]), let low = Self.nibble(characters[position + 1])
          else {
            return false
          }
          buffer[filled] = high << 4 | low
          (filled, position) = (filled + 1, position + 2)
        }
        return true
      } ? bytes : nil
    }
    guard let parsed else { return nil }
    self.init(uuid: parsed)
  }

  package var text: String {
    String(unsafeUninitializedCapacity: 36) { characters in
      withUnsafeBytes(of: uuid) { bytes in
        var position = 0
        for (index, byte) in bytes.enumerated() {
          if index == 4 || index == 6 || index == 8 || index == 10 {
            characters[position] = 0x2D
            position += 1
          }
          characters[position] = Self.digit(byte >> 4)
          characters[position + 1] = Self.digit(byte & 0x0F)
          position += 2
        }
      }
      return 36
    }
  }

  private static let zero: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

  private static func nibble(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x61...0x66: character - 0x57
    case 0x41...0x46: character - 0x37
    default: nil
    }
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? 0x30 + nibble : 0x57 + nibble
  }
}
