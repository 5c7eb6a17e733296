/// The parts of an AMQP URL. Its errors never quote it, since it holds a password.
struct AMQPURL {
  var isSecure: Bool
  var user = "guest"
  var password = "guest"
  var host: String
  var port: Int
  var virtualHost = "/"
  var parameters: [(name: String, value: String)] = []

  init(_ url: String) throws(AMQPError) {
    guard let (scheme, afterScheme) = Self.cut(url[...], at: "://"), scheme == "amqp" || scheme == "amqps"
    else {
      throw Self.invalid("it must begin with amqp:// or amqps://")
    }
    isSecure = scheme == "amqps"
    let (location, query) = Self.cut(afterScheme, at: "?") ?? (afterScheme, "")
    let (authority, path) = Self.cut(location, at: "/") ?? (location, nil)
    let (credentials, address) = Self.cutLast(authority, at: "@")
    (host, port) = try Self.address(address, defaultPort: isSecure ? 5671 : 5672)
    if let credentials {
      let (user, password) = Self.cut(credentials, at: ":") ?? (credentials, "")
      self.user = try Self.decode(user)
      self.password = try Self.decode(password)
    }
    if let path, !path.isEmpty { virtualHost = try Self.decode(path) }
    parameters = try Self.parameters(query)
  }

  private static func address(_ text: Substring, defaultPort: Int) throws(AMQPError) -> (String, Int) {
    var (host, port): (Substring, Substring?) = (text, nil)
    if text.hasPrefix("["), let (inside, rest) = cut(text.dropFirst(), at: "]") {
      (host, port) = (inside, rest.isEmpty ? nil : rest.dropFirst())
    } else if let (name, number) = cut(text, at: ":") {
      (host, port) = (name, number)
    }
    guard !host.isEmpty else { throw invalid("it names no host") }
    guard let port else { return (String(host), defaultPort) }
    guard let number = UInt16(port), number > 0 else {
      throw invalid("its port is not a number from 1 to 65535")
    }
    return (String(host), Int(number))
  }

  private static func parameters(_ query: Substring) throws(AMQPError) -> [(name: String, value: String)] {
    var parameters: [(name: String, value: String)] = []
    for item in query.split(separator: "&") {
      let (name, value) = cut(item, at: "=") ?? (item, "")
      parameters.append((try decode(name), try decode(value)))
    }
    return parameters
  }

  private static func decode(_ text: Substring) throws(AMQPError) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, let value = UInt8(digits, radix: 16)
      else {
        throw invalid("a percent sign is not followed by two hexadecimal digits")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else { throw invalid("it is not UTF-8") }
    return decoded
  }

  private static func cut(_ text: Substring, at separator: String) -> (Substring, Substring)? {
    guard let range = text.firstRange(of: separator) else { return nil }
    return (text[..<range.lowerBound], text[range.upperBound...])
  }

  private static func cutLast(_ text: Substring, at separator: Character) -> (Substring?, Substring) {
    guard let index = text.lastIndex(of: separator) else { return (nil, text) }
    return (text[..<index], text[text.index(after: index)...])
  }

  private static func invalid(_ reason: String) -> AMQPError {
    AMQPError(.invalidConfiguration, "the AMQP URL is not usable: \(reason)")
  }
}
