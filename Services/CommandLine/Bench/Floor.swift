import AMQP
import CFloor
import Foundation
import LocalSystem

/// The least durable work for the same rows and messages, in bare C.
struct Floor: Sendable {
  let database: String
  let broker: AMQPConfiguration
  let password: String

  static let batch = 1_000

  init(_ system: LocalSystem) throws {
    database = system.databaseURL
    broker = try AMQPConfiguration(url: system.amqpURL)
    password = URLComponents(string: system.amqpURL)?.password ?? ""
  }

  /// - Returns: journeys per second.
  func run(_ journeys: Int) async throws -> Double {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try runBlocking(journeys) }) }
    }
  }

  private func runBlocking(_ journeys: Int) throws -> Double {
    var error = [CChar](repeating: 0, count: 512)
    let seconds = database.withCString { database in
      broker.host.withCString { host in
        broker.user.withCString { user in
          password.withCString { password in
            var servers = floor_servers(
              database: database, broker_host: host, broker_port: Int32(broker.port), broker_user: user,
              broker_password: password)
            return floor_run(&servers, Int32(journeys), Int32(Self.batch), &error, Int32(error.count))
          }
        }
      }
    }
    guard seconds > 0 else {
      let text = String(decoding: error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw Failure.unfinished("the floor: \(text)")
    }
    return Double(journeys) / seconds
  }
}
