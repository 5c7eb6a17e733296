import AMQP
import Foundation
import FoundationNetworking
import LocalSystem
import Messaging
import Testing
import TestSupport

/// What the databases and queues say, whatever the services claim.
extension RunningSystem {
  func rows(_ sql: String) async throws -> [String] {
    let database = URL(string: system.databaseURL)?.lastPathComponent ?? ""
    return try await system.postgres.execute(sql, database: database).split(separator: "\n").map(String.init)
  }

  func number(_ sql: String) async throws -> Int {
    try await rows(sql).first.flatMap { Int($0) } ?? -1
  }

  func requests(_ ids: [String], in state: String) async throws -> Int {
    try await number(
      "SELECT count(*) FROM intake.request WHERE id = ANY('\(set(ids))') AND state = '\(state)'")
  }

  /// Assignments bear the ids of the requests that made them.
  func assignments(_ ids: [String], in state: String) async throws -> Int {
    try await number(
      "SELECT count(*) FROM provisioning.assignment WHERE id = ANY('\(set(ids))') AND state = '\(state)'")
  }

  /// What these people may use, as the directory itself knows it.
  func memberships(of subjects: [String]) async throws -> Int {
    try await number(
      """
      SELECT count(*) FROM directory.membership m
      JOIN directory."user" u ON (u.tenant, u.id) = (m.tenant, m."user")
      WHERE u.owner_mark = ANY('\(set(subjects))')
      """)
  }

  func users(of subjects: [String]) async throws -> Int {
    try await number("SELECT count(*) FROM directory.\"user\" WHERE owner_mark = ANY('\(set(subjects))')")
  }

  func deadLetters(of service: ServiceName) async throws -> Int {
    try await waiting(on: service.deadLetterQueue)
  }

  func waiting(on queue: String) async throws -> Int {
    let administration = Administration(try AMQPConfiguration(url: system.amqpURL), logger: Self.logger)
    let count = try await administration.status(ofQueue: queue).messageCount
    await administration.close()
    return count
  }

  /// What a service says on its page of metrics.
  func metric(_ name: String, of service: ServiceName) async throws -> Double? {
    let port = system.copies(of: service)[0].httpPort
    let page = try #require(URL(string: "http://127.0.0.1:\(port)/metrics"))
    let (data, _) = try await URLSession.shared.data(from: page)
    let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("\(name) ") }
    return line.flatMap { $0.split(separator: " ").last }.flatMap { Double(String($0)) }
  }

  /// The numbers are zero, and no queue holds anything.
  func comesToRest(within limit: Duration = .seconds(60)) async throws {
    try await eventually(within: limit, equals: 0) { try await number(Self.unfinished) }
    for service in ServiceName.allCases {
      try await eventually(within: limit, equals: 0) { try await waiting(on: service.queue) }
      try await eventually(equals: 0) { try await deadLetters(of: service) }
    }
    try await eventually(within: limit, equals: 0) { try await number(Self.unfinished) }
  }

  private static let unfinished = """
    SELECT (SELECT count(*) FROM intake.outbox) + (SELECT count(*) FROM approval.outbox)
      + (SELECT count(*) FROM provisioning.outbox) + (SELECT count(*) FROM expiry.outbox)
      + (SELECT count(*) FROM intake.deadline WHERE due_at <= now())
      + (SELECT count(*) FROM approval.deadline WHERE due_at <= now())
      + (SELECT count(*) FROM expiry.deadline WHERE due_at <= now())
      + (SELECT count(*) FROM provisioning.guest_work)
      + (SELECT count(*) FROM intake.audit_pending) + (SELECT count(*) FROM approval.audit_pending)
      + (SELECT count(*) FROM provisioning.audit_pending) + (SELECT count(*) FROM expiry.audit_pending)
    """

  private func set(_ ids: [String]) -> String { "{\(ids.joined(separator: ","))}" }
}
