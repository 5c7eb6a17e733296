import AMQP
import Foundation
import Logging
import TestSupport

/// An exchange and a queue of one test's own, and what it needs to use them.
struct Workbench {
  static let logger = Logger(label: "amqp-tests", factory: { _ in SwiftLogNoOpLogHandler() })

  let configuration: AMQPConfiguration
  let administration: Administration
  let exchange = "exchange-\(UUID())"
  let queue = "queue-\(UUID())"

  /// A quorum queue that takes every message of a topic exchange.
  init(
    url: String? = nil, arguments: [String: HeaderValue] = [:],
    configure: (inout AMQPConfiguration) -> Void = { _ in }
  ) async throws {
    let address = if let url { url } else { try await TestVirtualHost.make().url }
    var configuration = try AMQPConfiguration(url: address)
    configure(&configuration)
    self.configuration = configuration
    administration = Administration(configuration, logger: Self.logger)
    let all = arguments.merging(["x-queue-type": .string("quorum")]) { own, _ in own }
    try await administration.declare([
      .exchange(exchange), .queue(queue, arguments: all),
      .binding(queue: queue, exchange: exchange, routingKey: "key.#"),
    ])
  }

  func publisher() -> Publisher { Publisher(configuration, logger: Self.logger) }

  func consumer(prefetch: Int = 100, queue: String? = nil) -> Consumer {
    Consumer(configuration, queue: queue ?? self.queue, prefetch: prefetch, logger: Self.logger)
  }

  func message(_ id: Int, routingKey: String = "key.a", isMandatory: Bool = true) -> Message {
    Message(
      exchange: exchange, routingKey: routingKey, messageID: "\(id)", body: Array("body \(id)".utf8),
      isMandatory: isMandatory)
  }

  func messages(_ range: Range<Int>) -> [Message] { range.map { message($0) } }
}

extension Consumer {
  /// Receives until there are so many messages or 20 seconds are over.
  func receive(_ count: Int) async throws -> [Delivery] {
    let deadline = ContinuousClock.now + .seconds(20)
    var received: [Delivery] = []
    while received.count < count, ContinuousClock.now < deadline {
      received += try await next(limit: count - received.count, wait: .seconds(1))
    }
    return received
  }

  /// As `receive`, over losses of the connection.
  func receiveRetrying(_ count: Int) async throws -> [Delivery] {
    var received: [Delivery] = []
    try await eventually {
      do {
        received += try await next(limit: count - received.count, wait: .seconds(1))
      } catch let error as AMQPError where error.isRetryable {
        return false
      }
      return received.count >= count
    }
    return received
  }
}

/// The error that `work` throws, nil if it throws none.
func amqpError(of work: () async throws -> Void) async throws -> AMQPError? {
  do {
    try await work()
    return nil
  } catch let error as AMQPError {
    return error
  }
}

func publishFailure(of work: () async throws -> Void) async throws -> PublishFailure? {
  do {
    try await work()
    return nil
  } catch let error as PublishFailure {
    return error
  }
}
