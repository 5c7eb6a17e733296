import Foundation

/// One line that fills up; on a pipe, a line at the end only.
struct ProgressBar: ~Copyable {
  private let title: String
  private let total: Int
  private let start = ContinuousClock.now
  private var shown = -1

  init(_ title: String, of total: Int) {
    (self.title, self.total) = (title, max(1, total))
    show(0)
  }

  mutating func advance(to done: Int) {
    show(min(done, total))
  }

  consuming func finish() {
    let seconds = start.duration(to: .now) / .seconds(1)
    let rate = seconds > 0 ? Int(Double(total) / seconds) : 0
    let line = "\(padded) \(total)  in \(String(format: "%.1f", seconds)) s (\(rate)/s)"
    Terminal.note(Terminal.isInteractive ? "\r\u{1B}[2K\(line)\n" : "\(line)\n")
  }

  private var padded: String { title.padding(toLength: 42, withPad: " ", startingAt: 0) }

  private mutating func show(_ done: Int) {
    guard Terminal.isInteractive else { return }
    let filled = done * 30 / total
    guard filled != shown || done == total else { return }
    shown = filled
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 30 - filled)
    Terminal.note("\r\u{1B}[2K\(padded) \(bar) \(done)/\(total)")
  }
}
