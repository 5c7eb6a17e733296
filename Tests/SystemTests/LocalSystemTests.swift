import AMQP
import Foundation
import LocalSystem
import Logging
import Messaging
import TestSupport
import Testing

@Suite("The whole system on one machine")
struct LocalSystemTests {
  @Test("Starts, is ready, writes its addresses, survives a crash of each service, and stops cleanly")
  func wholeLife() async throws {
    let directory = try TestDirectory.make()
    let system = try await LocalSystem(LocalSystem.Options(directory: directory))
    try await system.start(declareTopology: declareTopology)

    let written = try String(contentsOf: system.environmentFile, encoding: .utf8)
    for service in system.services {
      let pid = try #require(await service.pid)
      #expect(written.contains("\(service.name)=\(pid)"))
      #expect(await service.usage?.peakResidentBytes ?? 0 > 0)
      await service.kill()
      try await service.start()
    }
    for service in system.services {
      try await service.waitUntilReady()
      #expect(await service.terminate() == 0, "\(service.name)")
    }

    await system.stop()
    #expect(await system.processes().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: system.environmentFile.path))
    await TestDirectory.remove(directory)
  }

  @Test("A second system in the same directory is refused")
  func oneSystemADirectory() async throws {
    let directory = try TestDirectory.make()
    let first = try await LocalSystem(LocalSystem.Options(directory: directory))
    await #expect(throws: LocalSystemError.directoryInUse(path: directory.path)) {
      _ = try await LocalSystem(LocalSystem.Options(directory: directory))
    }
    await first.stop()
    await TestDirectory.remove(directory)
  }

  private func declareTopology(at url: String) async throws {
    let administration = Administration(
      try AMQPConfiguration(url: url), logger: Logger(label: "topology") { _ in SwiftLogNoOpLogHandler() })
    try await administration.declare(Topology.declarations)
    await administration.close()
  }
}
