/// How a label with other than ASCII letters is written in ASCII (RFC 3492).
enum Punycode {
  private static let (base, shortest, longest) = (36, 1, 26)
  private static let (skew, damp, initialBias, initialCode) = (38, 700, 72, 128)

  /// Without the prefix `xn--`; nil for a label too long for any domain name.
  static func encode(_ label: some Collection<Unicode.Scalar>) -> String? {
    guard label.count <= 63 else { return nil }
    let codes = label.map { Int($0.value) }
    var output = codes.filter { $0 < initialCode }.map(character)
    let basic = output.count
    if basic > 0 { output.append("-") }
    var (code, delta, bias, handled) = (initialCode, 0, initialBias, basic)
    while handled < codes.count {
      guard let next = codes.filter({ $0 >= code }).min() else { return nil }
      delta += (next - code) * (handled + 1)
      code = next
      for other in codes {
        if other < code { delta += 1 }
        guard other == code else { continue }
        output += digits(of: delta, bias: bias)
        bias = adapt(delta, over: handled + 1, isFirst: handled == basic)
        (delta, handled) = (0, handled + 1)
      }
      (delta, code) = (delta + 1, code + 1)
    }
    return String(output)
  }

  private static func digits(of delta: Int, bias: Int) -> [Character] {
    var (digits, rest, position): ([Character], Int, Int) = ([], delta, base)
    while true {
      let threshold = min(max(position - bias, shortest), longest)
      guard rest >= threshold else { return digits + [digit(rest)] }
      digits.append(digit(threshold + (rest - threshold) % (base - threshold)))
      rest = (rest - threshold) / (base - threshold)
      position += base
    }
  }

  private static func adapt(_ delta: Int, over count: Int, isFirst: Bool) -> Int {
    var (delta, bias) = (isFirst ? delta / damp : delta / 2, 0)
    delta += delta / count
    while delta > (base - shortest) * longest / 2 {
      delta /= base - shortest
      bias += base
    }
    return bias + (base - shortest + 1) * delta / (delta + skew)
  }

  private static func digit(_ value: Int) -> Character {
    character(value < 26 ? 0x61 + value : 0x30 + value - 26)
  }

  private static func character(_ code: Int) -> Character {
    Character(Unicode.Scalar(UInt8(code)))
  }
}
