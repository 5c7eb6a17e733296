import EntitlementModel

/// Asks external connectors, outside of any transaction.
struct ConnectorCalls: Sendable {
  let connectors: Connectors
  /// How long a call may take: a third of the lease at most.
  let limit: Duration

  func callAsFunction(_ stage: VisitStage) async -> VisitAnswers {
    switch stage {
    case .accounts(let commands): await .accounts(settle(commands))
    case .observation(let asked): await .observation(ask(asked) { await $0.observe($1) })
    case .change(let asked): await .change(ask(asked) { await $0.change($1) })
    case .attributeObservation(let asked):
      await .attributeObservation(ask(asked) { await $0.observe($1) })
    case .attributeChange(let asked): await .attributeChange(ask(asked) { await $0.change($1) })
    }
  }

  private func settle(
    _ commands: [String: [AccountCommand]]
  ) async -> [(command: AccountCommand, connector: String, answer: AccountAnswer)] {
    var answers: [(command: AccountCommand, connector: String, answer: AccountAnswer)] = []
    for (name, batch) in commands.sorted(by: { $0.key < $1.key }) {
      guard case .external(let connector) = connectors.reach(name) else { continue }
      let results = await CallDeadline.within(limit, batch.count) { await connector.settle(batch) }
      answers += zip(batch, results).map { (command: $0, connector: name, answer: $1) }
    }
    return answers
  }

  private func ask(
    _ asked: [String: [AskedRole]],
    _ call: @escaping @Sendable (any Connector, [RoleCommand]) async -> [RoleAnswer]
  ) async -> [(asked: AskedRole, answer: RoleAnswer)] {
    var answers: [(asked: AskedRole, answer: RoleAnswer)] = []
    for (name, batch) in asked.sorted(by: { $0.key < $1.key }) {
      guard case .external(let connector) = connectors.reach(name) else { continue }
      let commands = batch.map(\.command)
      let results = await CallDeadline.within(limit, batch.count) { await call(connector, commands) }
      answers += zip(batch, results).map { (asked: $0, answer: $1) }
    }
    return answers
  }

  private func ask(
    _ asked: [String: [AskedAttribute]],
    _ call: @escaping @Sendable (any Connector, [AttributeCommand]) async -> [AttributeAnswer]
  ) async -> [(asked: AskedAttribute, answer: AttributeAnswer)] {
    var answers: [(asked: AskedAttribute, answer: AttributeAnswer)] = []
    for (name, batch) in asked.sorted(by: { $0.key < $1.key }) {
      guard case .external(let connector) = connectors.reach(name) else { continue }
      let commands = batch.map(\.command)
      let results = await CallDeadline.within(limit, batch.count) { await call(connector, commands) }
      answers += zip(batch, results).map { (asked: $0, answer: $1) }
    }
    return answers
  }
}
