import CLibPQ
import Glibc

extension Connection {
  /// Connects, blocking at most the configuration's `connectTimeout` for each address.
  ///
  /// - Throws: `connectionFailed`, or `invalidURL`.
  static func connect(_ configuration: DatabaseConfiguration) throws(DatabaseError) -> Connection {
    let parameters = try ConnectionParameters(configuration)
    guard let handle = parameters.connect() else { throw DatabaseError(.connectionFailed) }
    guard PQstatus(handle) == CONNECTION_OK else {
      defer { PQfinish(handle) }
      throw DatabaseError(connectionError: handle, code: .connectionFailed)
    }
    // libpq prints notices on stderr unless told otherwise.
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    return Connection(handle: handle)
  }

  /// Whether the connection can still be used, as far as this side can know.
  var isUsable: Bool { PQstatus(handle) == CONNECTION_OK }

  /// Reads what the server may have sent while the connection was idle, without blocking: a server that went away is
  /// noticed here and not by the next statement. The first read takes its last words, the second meets the end.
  func checkIdle() -> Bool {
    PQconsumeInput(handle) == 1 && PQconsumeInput(handle) == 1 && isUsable
  }
}

/// The parameters of one connection: the URL's, and ours where the URL says nothing.
private struct ConnectionParameters {
  private var values: [(keyword: String, value: String)] = []

  init(_ configuration: DatabaseConfiguration) throws(DatabaseError) {
    let url = try Self.parse(configuration.url)
    values = [
      ("dbname", configuration.url), ("client_encoding", "UTF8"),
      ("options", [Self.options(configuration), url["options"]].compactMap(\.self).joined(separator: " ")),
    ]
    let defaults = [
      ("application_name", configuration.applicationName), ("keepalives", "1"), ("keepalives_idle", "30"),
      ("keepalives_interval", "10"), ("keepalives_count", "3"), ("tcp_user_timeout", "60000"),
      ("connect_timeout", String(max(2, configuration.connectTimeout.components.seconds))),
    ]
    values += defaults.filter { url[$0.0] == nil }
  }

  func connect() -> OpaquePointer? {
    let keywords = values.map { strdup($0.keyword) }
    let texts = values.map { strdup($0.value) }
    defer { (keywords + texts).forEach { free($0) } }
    return PQconnectdbParams(
      keywords.map { UnsafePointer($0) } + [nil], texts.map { UnsafePointer($0) } + [nil], 1)
  }

  /// The parameters that the URL names.
  private static func parse(_ url: String) throws(DatabaseError) -> [String: String] {
    // The parser's message repeats parts of the URL, hence a password: it is dropped.
    guard !url.utf8.contains(0), let options = PQconninfoParse(url, nil) else {
      throw DatabaseError(.invalidURL)
    }
    defer { PQconninfoFree(options) }
    var named: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        named[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    return named
  }

  /// The session's settings, as command line options of the server's process.
  private static func options(_ configuration: DatabaseConfiguration) -> String {
    var settings = [
      ("statement_timeout", milliseconds(configuration.statementTimeout)),
      ("lock_timeout", milliseconds(configuration.lockTimeout)),
      ("idle_in_transaction_session_timeout", milliseconds(configuration.idleInTransactionTimeout)),
      ("TimeZone", "UTC"), ("jit", "off"),
      // Statements reach rows by their keys, a batch at a time. What the planner knows of a young table is wrong, and
      // a plan made while it was empty would be kept: so each is planned for its values, and never as a join that
      // reads a whole table or index.
      ("plan_cache_mode", "force_custom_plan"), ("enable_seqscan", "off"), ("enable_hashjoin", "off"),
      ("enable_mergejoin", "off"),
    ]
    if !configuration.searchPath.isEmpty {
      let path = configuration.searchPath.map { "\"\($0.split(separator: "\"").joined(separator: "\"\""))\"" }
      settings.append(("search_path", path.joined(separator: ",")))
    }
    return settings.map { "-c \($0.0)=\(escaped($0.1))" }.joined(separator: " ")
  }

  private static func milliseconds(_ duration: Duration) -> String {
    String(Int64(duration / .milliseconds(1)))
  }

  /// Spaces and backslashes separate and escape in `options`.
  private static func escaped(_ value: String) -> String {
    value.reduce(into: "") { text, character in
      if character == " " || character == "\\" { text += "\\" }
      text.append(character)
    }
  }
}
