import Dispatch
package import Foundation

extension MetricsRegistry {
  /// Adds the process's own: memory, processor time, start.
  package func addProcessMetrics(startedAt: Date = Date()) {
    gauge("process_resident_memory_bytes", help: "Resident memory.") { Self.residentBytes() }
    gauge("process_cpu_seconds_total", help: "Processor time used, user and system.") {
      Self.processorSeconds()
    }
    gauge("process_start_time_seconds", help: "Start, in seconds since 1970.") {
      startedAt.timeIntervalSince1970
    }
  }

  private static func residentBytes() -> Double? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Double(fields[1]) else { return nil }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func processorSeconds() -> Double? {
    var usage = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }
}
