import Foundation

/// Wraps a connector and fails as it is told: for tests and demonstrations.
struct FaultyConnector: Connector {
  private let target: any Connector
  private let fault: @Sendable () -> Fault?

  init(_ target: any Connector, fault: @escaping @Sendable () -> Fault?) {
    (self.target, self.fault) = (target, fault)
  }

  init(_ target: any Connector, faults: FaultFile) {
    self.init(target) { faults.fault }
  }

  var name: String { target.name }

  func settle(_ accounts: [AccountCommand]) async -> [AccountAnswer] {
    await failing(accounts.count) { await target.settle(accounts) }
  }

  func observe(_ roles: [RoleCommand]) async -> [RoleAnswer] {
    await failing(roles.count) { await target.observe(roles) }
  }

  func change(_ roles: [RoleCommand]) async -> [RoleAnswer] {
    await failing(roles.count) { await target.change(roles) }
  }

  func observe(_ attributes: [AttributeCommand]) async -> [AttributeAnswer] {
    await failing(attributes.count) { await target.observe(attributes) }
  }

  func change(_ attributes: [AttributeCommand]) async -> [AttributeAnswer] {
    await failing(attributes.count) { await target.change(attributes) }
  }

  func describe(_ resources: [ResourceQuery]) async -> [ResourceAnswer] {
    await failing(resources.count) { await target.describe(resources) }
  }

  private func failing<Answer: Sendable>(
    _ count: Int, _ body: () async -> [Result<Answer, ConnectorError>]
  ) async -> [Result<Answer, ConnectorError>] {
    func all(_ error: ConnectorError) -> [Result<Answer, ConnectorError>] {
      Array(repeating: .failure(error), count: count)
    }
    switch fault() {
    case nil: return await body()
    case .down: return all(.unavailable(retryAfter: nil))
    case .throttled(let seconds): return all(.unavailable(retryAfter: seconds))
    case .slow(let seconds):
      try? await Task.sleep(for: .seconds(seconds))
      return await body()
    case .answerLost:
      _ = await body()
      return all(.outcomeUnknown)
    case .killed:
      _ = await body()
      kill(ProcessInfo.processInfo.processIdentifier, SIGKILL)
      return all(.outcomeUnknown)
    }
  }
}
