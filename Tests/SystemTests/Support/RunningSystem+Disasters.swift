import LocalSystem
import TestSupport

/// What may happen to a running system.
enum Disaster: Sendable {
  case kill(Int)
  case restartBroker
  case restartDatabase

  var isOfServers: Bool {
    switch self {
    case .kill: false
    case .restartBroker, .restartDatabase: true
    }
  }
}

extension RunningSystem {
  func strike(_ disaster: Disaster) async throws {
    switch disaster {
    case .kill(let number): await system.services[number].kill()
    case .restartBroker:
      await system.rabbitMQ.stop()
      try await system.rabbitMQ.start()
    case .restartDatabase: try await system.postgres.restart()
    }
  }

  /// Starts what has ended, as an orchestrator does: also a service that started while the database was away, and
  /// so gave up.
  func supervise() async throws {
    for service in system.services { try await service.start() }
  }

  func becomesReady() async throws {
    try await eventually(within: .seconds(120), "all services are ready") { try await areReady() }
  }

  private func areReady() async throws -> Bool {
    try await supervise()
    do {
      for service in system.services { try await service.waitUntilReady() }
      return true
    } catch LocalSystemError.exited {
      return false
    }
  }
}
