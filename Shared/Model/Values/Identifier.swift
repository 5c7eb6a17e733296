package import Foundation

extension UUID {
  /// A UUID of version 7 (RFC 9562): its first 48 bits are the milliseconds of `moment` since 1970, so ids sort
  /// by the time they were made. `entropy` are the random bits.
  package init(at moment: Date, entropy: (UInt64, UInt64)) {
    let milliseconds = UInt64(max(0, moment.timeIntervalSince1970) * 1_000)
    let high = milliseconds << 16 | 0x7000 | (entropy.0 & 0x0FFF)
    let low = 0x8000_0000_0000_0000 | (entropy.1 & 0x3FFF_FFFF_FFFF_FFFF)
    self.init(high: high, low: low)
  }

  /// The id that a name has for ever: the same parts give the same UUID (version 8, RFC 9562, by FNV-1a).
  package init(namedBy parts: [String]) {
    var (high, low): (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x6c62_272e_07bb_0142)
    for byte in parts.joined(separator: "\u{0}").utf8 {
      high = (high ^ UInt64(byte)) &* 0x100_0000_01b3
      low = (low ^ (UInt64(byte) &+ 0x9e)) &* 0x100_0000_01b3
      low ^= high >> 29
    }
    self.init(
      high: high & 0xFFFF_FFFF_FFFF_0FFF | 0x8000,
      low: low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
  }

  /// When a version 7 id was made.
  package var moment: Date {
    let bytes = uuid
    let milliseconds =
      UInt64(bytes.0) << 40 | UInt64(bytes.1) << 32 | UInt64(bytes.2) << 24 | UInt64(bytes.3) << 16
      | UInt64(bytes.4) << 8 | UInt64(bytes.5)
    return Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
  }

  private init(high: UInt64, low: UInt64) {
    func byte(_ word: UInt64, _ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> shift) }
    self.init(
      uuid: (
        byte(high, 56), byte(high, 48), byte(high, 40), byte(high, 32), byte(high, 24), byte(high, 16),
        byte(high, 8), byte(high, 0), byte(low, 56), byte(low, 48), byte(low, 40), byte(low, 32),
        byte(low, 24),
        byte(low, 16), byte(low, 8), byte(low, 0)
      ))
  }
}
