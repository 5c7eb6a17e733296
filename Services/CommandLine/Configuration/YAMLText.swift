import Foundation
import Yams

/// YAML to and from the JSON that protobuf reads, and `${NAME}` in place of what differs from place to place.
enum YAMLText {
  /// Puts environment values in place of `${NAME}` and `${NAME:-default}`.
  static func substitute(_ text: String, environment: [String: String], file: String) throws -> String {
    var (result, rest) = ("", text[...])
    while let start = rest.range(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
      result += rest[..<start.lowerBound]
      let name = rest[start.upperBound..<end].split(
        separator: ":-", maxSplits: 1, omittingEmptySubsequences: false)
      guard let value = environment[String(name[0])] ?? (name.count == 2 ? String(name[1]) : nil) else {
        throw Failure.file(file, "the environment has no \(name[0]), which the file asks for")
      }
      result += value
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  static func json(_ node: Node) throws -> Any {
    switch node {
    case .mapping(let mapping):
      var object: [String: Any] = [:]
      for (key, value) in mapping { object[key.string ?? ""] = try json(value) }
      return object
    case .sequence(let sequence):
      return try sequence.map { try json($0) }
    case .scalar(let scalar):
      if scalar.style == .plain {
        if let flag = node.bool { return flag }
        if let number = node.int { return number }
        if node.null != nil { return NSNull() }
      }
      return scalar.string
    case .alias:
      throw Failure.file("YAML", "aliases are not supported")
    }
  }

  static func node(_ json: Any) -> Node {
    switch json {
    case let object as [String: Any]:
      let order = ["name", "displayName", "description", "accessPackage", "catalog"]
      let keys = object.keys.sorted {
        let (left, right) = (order.firstIndex(of: $0) ?? order.count, order.firstIndex(of: $1) ?? order.count)
        return (left, $0) < (right, $1)
      }
      return .mapping(Node.Mapping(keys.compactMap { key in object[key].map { (Node(key), node($0)) } }))
    case let array as [Any]:
      return .sequence(Node.Sequence(array.map(node)))
    case let number as NSNumber:
      let isFlag = CFBooleanLike.isBoolean(number)
      return Node(isFlag ? (number.boolValue ? "true" : "false") : "\(number)")
    default:
      let text = "\(json)"
      let isPlainText = Resolver.default.resolveTag(of: Node(text)) == .str
      return Node(text, Tag(.str), isPlainText ? .any : .doubleQuoted)
    }
  }
}

/// JSONSerialization gives flags and numbers the same type; their Objective-C type code tells them apart.
enum CFBooleanLike {
  static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
