import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// What a process has used so far, from `/proc`.
package struct ProcessUsage: Sendable, Equatable {
  /// Peak resident memory in bytes.
  package let peakResidentBytes: Int
  /// User and system time of all its threads, and of the children it has waited for.
  package let cpuTime: Duration

  /// Nil when the process is gone.
  package init?(pid: Int32) {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
      let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let peak = Self.peakResidentBytes(in: status), let time = Self.cpuTime(in: stat)
    else { return nil }
    (peakResidentBytes, cpuTime) = (peak, time)
  }

  /// What the children that run now have used, such as a database server's backends.
  package static func children(of pid: Int32) -> [ProcessUsage] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap { Int32($0) }.filter { parent(of: $0) == pid }.compactMap { ProcessUsage(pid: $0) }
  }

  private static func parent(of pid: Int32) -> Int32? {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let name = stat.lastIndex(of: ")")
    else { return nil }
    return stat[name...].split(separator: " ").dropFirst(2).first.flatMap { Int32($0) }
  }

  private static func peakResidentBytes(in status: String) -> Int? {
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// Fields 14 to 17 count from after the name, which may itself hold blanks and parentheses.
  private static func cpuTime(in stat: String) -> Duration? {
    guard let name = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: name)...].split(separator: " ")
    guard fields.count > 14 else { return nil }
    let ticks = fields[11...14].compactMap { Int($0) }.reduce(0, +)
    return .milliseconds(ticks * 1000 / Int(sysconf(Int32(_SC_CLK_TCK))))
  }
}
