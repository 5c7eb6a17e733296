import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// The data directory of a private PostgreSQL server: where it is, whose it is, how it is made.
struct PostgresCluster: Sendable {
  let user: UnprivilegedUser?
  let home: URL

  var data: URL { home.appending(path: "data") }

  /// As root the data belong to an unprivileged user. When that user cannot get into `directory` (a closed
  /// home directory above it), they are under `/var/tmp` instead.
  init(directory: URL) async throws {
    user = UnprivilegedUser.forPostgres()
    let beside = directory.appending(path: "postgres")
    let apart = URL(filePath: "/var/tmp/vestibule-\(Self.hash(directory.standardizedFileURL.path))")
    try Self.makePrivate(beside, for: user)
    guard let user else {
      home = beside
      return
    }
    if await user.canReach(beside) {
      home = beside
    } else {
      try Self.makePrivate(apart, for: user)
      home = apart
    }
  }

  /// Makes the data directory unless there is one. An interrupted attempt leaves nothing that looks whole.
  func initialize(superuser: String, password: String) async throws {
    guard !FileManager.default.fileExists(atPath: data.path) else { return }
    let draft = home.appending(path: "initializing")
    let passwordFile = home.appending(path: "initial-password")
    try? FileManager.default.removeItem(at: draft)
    try Secret.write(password, to: passwordFile)
    try user?.own(passwordFile)
    defer { try? FileManager.default.removeItem(at: passwordFile) }
    try await run(
      "initdb",
      [
        "--pgdata", draft.path, "--username", superuser, "--pwfile", passwordFile.path,
        "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums",
      ])
    try FileManager.default.moveItem(at: draft, to: data)
  }

  /// Removes a `postmaster.pid` whose number another program has got since. Where the number is free, or is a
  /// server of these data, PostgreSQL itself knows what to do, and looks for surviving backends as well.
  func removeStaleProcessFile() throws {
    let file = data.appending(path: "postmaster.pid")
    guard let text = try? String(contentsOf: file, encoding: .utf8),
      let pid = text.split(separator: "\n").first.flatMap({ Int32($0) }), Glibc.kill(pid, 0) == 0
    else { return }
    let folder = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")
    if folder != data.path { try FileManager.default.removeItem(at: file) }
  }

  func remove() throws {
    for folder in [data, home] where FileManager.default.fileExists(atPath: folder.path) {
      try FileManager.default.removeItem(at: folder)
    }
  }

  private func run(_ name: String, _ arguments: [String]) async throws {
    let program = try Program.postgres(name)
    guard let user else {
      try await Command(program, arguments).run()
      return
    }
    try await Command(Program.setpriv(), user.setprivArguments + [program.path] + arguments).run()
  }

  private static func makePrivate(_ folder: URL, for user: UnprivilegedUser?) throws {
    try FileManager.default.createDirectory(
      at: folder.deletingLastPathComponent(), withIntermediateDirectories: true)
    if mkdir(folder.path, 0o700) == 0 { try user?.own(folder) }
    let found = try FileManager.default.attributesOfItem(atPath: folder.path)
    guard found[.type] as? FileAttributeType == .typeDirectory,
      (found[.ownerAccountID] as? NSNumber)?.uint32Value == user?.id ?? geteuid()
    else { throw LocalSystemError.directoryNotPrivate(path: folder.path) }
  }

  /// FNV-1a: the same directory has the same name in every run.
  private static func hash(_ path: String) -> String {
    let value = path.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(value, radix: 16)
  }
}
