import ArgumentParser
import Foundation

/// Where the system is: the environment, or the file that `vestibule up` writes.
struct SystemAddress: ParsableArguments {
  @Option(help: "The directory of a system that `vestibule up` runs; the environment outranks its file.")
  var directory = ".local"

  var folder: URL { URL(filePath: directory, directoryHint: .isDirectory) }

  func values() -> [String: String] {
    let file = folder.appending(path: "environment")
    var values: [String: String] = [:]
    for line in ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
    }
    return values.merging(ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("VESTIBULE_") }) {
      $1
    }
  }

  func value(_ name: String) throws -> String {
    guard let value = values()[name] else { throw Failure.environmentMissing(name) }
    return value
  }
}
