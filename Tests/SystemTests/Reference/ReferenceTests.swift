import Foundation
import LocalSystem
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: what the services do is what the rules in plain words say. Method: a small model of these rules, written
  /// for this test alone; random operations told to both, with messages brought again in any order and services that
  /// die; after every round all of it at rest, and everything that is stored compared with the model.
  @Suite("The reference model") struct ReferenceTests {
    /// Every change is held to the same operations; `deploy/model-test` looks for others.
    private static let usualSeed: UInt64 = 714_134_059

    @Test("Random operations leave what the rules say", .timeLimit(.minutes(120)))
    func agrees() async throws {
      let environment = ProcessInfo.processInfo.environment
      let operations = environment["VESTIBULE_MODEL_OPERATIONS"].flatMap { Int($0) } ?? 5_000
      let seed = environment["VESTIBULE_MODEL_SEED"].flatMap { UInt64($0) } ?? Self.usualSeed
      let systems = max(1, environment["VESTIBULE_MODEL_SYSTEMS"].flatMap { Int($0) } ?? 1)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for system in 0..<systems {
          group.addTask {
            let share = Story.share(of: operations, system, among: systems)
            try await Story.tell(share, seed: seed + UInt64(system) * Story.seedsOfASystem)
          }
        }
        try await group.waitForAll()
      }
    }
  }
}

/// Tenants one after the other, so that each stays small however many operations there are.
private struct Story {
  static let seedsOfASystem: UInt64 = 1_000
  private static let perTenant = 8_000
  private static let people = 400
  let running: RunningSystem
  let operations: Int
  let seed: UInt64

  static func share(of operations: Int, _ system: Int, among systems: Int) -> Int {
    operations * (system + 1) / systems - operations * system / systems
  }

  /// In a system of its own.
  static func tell(_ operations: Int, seed: UInt64) async throws {
    say("seed \(seed), \(operations) operations")
    let running = try await RunningSystem.start(copies: 2, hasExternalDirectory: false)
    try await Story(running: running, operations: operations, seed: seed).tell()
    await running.system.stop()
    await TestDirectory.remove(running.system.options.directory)
  }

  private func tell() async throws {
    let (echo, rest, began) = (try await Echo(running), try Rest(running), ContinuousClock.now)
    var (done, tenants) = (0, UInt64(0))
    while done < operations {
      // The first tenant's seed is the run's own: a difference is played again with its tenant's alone.
      var run = try await ReferenceRun(running, echo, rest, seed: seed + tenants, people: Self.people)
      try await run.play(min(Self.perTenant, operations - done), disasters: true)
      try await run.finish()
      (done, tenants) = (done + run.done, tenants + 1)
      let seconds = Int(began.duration(to: .now) / .seconds(1))
      Self.say("seed \(seed): \(done) of \(operations) operations, no difference, \(seconds) s")
    }
  }

  /// At once, also into a file: it runs for long.
  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data("reference model: \(line)\n".utf8))
  }
}
