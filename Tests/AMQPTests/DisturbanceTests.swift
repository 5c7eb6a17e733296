import AMQP
import Foundation
import LocalSystem
import Testing
import TestSupport

/// What happens when the broker misbehaves. One at a time: each disturbs the whole node.
@Suite(.serialized) struct DisturbanceTests {
  private func bench(_ configure: (inout AMQPConfiguration) -> Void = { _ in }) async throws -> Workbench {
    try await Workbench(url: OwnBroker.server().url(), configure: configure)
  }

  @Test func idleConnectionsOutliveTheirHeartbeats() async throws {
    let bench = try await bench { $0.heartbeat = .seconds(2) }
    let (publisher, consumer) = (bench.publisher(), bench.consumer())
    try await publisher.publish([bench.message(0)])
    let first = try await consumer.receive(1)
    try await Task.sleep(for: .seconds(7))
    try await publisher.publish([bench.message(1)])
    #expect(try await consumer.acknowledge(first.map(\.tag)).isEmpty)
    let second = try await consumer.receive(1)
    #expect(second.map(\.messageID) == ["1"])
    #expect(second.map(\.isRedelivered) == [false])
    await consumer.close()
    await publisher.close()
  }

  @Test func unacknowledgedMessagesComeAgainAfterADrop() async throws {
    let bench = try await bench()
    let (publisher, consumer) = (bench.publisher(), bench.consumer())
    try await publisher.publish(bench.messages(0..<3))
    let before = try await consumer.receive(3)
    try await consumer.acknowledge([before[0].tag])
    try await OwnBroker.closeAllConnections()
    let error = try #require(await amqpError { _ = try await consumer.next(limit: 1, wait: .seconds(10)) })
    #expect(error.isRetryable)
    let after = try await consumer.receiveRetrying(2)
    #expect(after.compactMap(\.messageID) == ["1", "2"])
    #expect(after.map(\.isRedelivered) == [true, true])
    let stale = [before[1].tag, before[2].tag]
    #expect(try await consumer.acknowledge(stale) == stale)
    #expect(try await !consumer.acknowledge(upTo: before[2].tag))
    #expect(try await !consumer.reject(before[1].tag))
    #expect(try await consumer.acknowledge(after.map(\.tag)).isEmpty)
    await consumer.close()
    try await publishRetrying(publisher, bench.messages(3..<4))
    #expect(try await bench.consumer().receive(1).map(\.messageID) == ["3"])
  }

  @Test func bothSidesReturnAfterTheBroker() async throws {
    let bench = try await bench()
    let (publisher, consumer) = (bench.publisher(), bench.consumer())
    try await publisher.publish(bench.messages(0..<5))
    #expect(try await consumer.receive(5).count == 5)
    let server = try await OwnBroker.server()
    await server.stop()
    let failure = try #require(await publishFailure { try await publisher.publish(bench.messages(5..<6)) })
    #expect(failure.isRetryable)
    let error = try #require(await amqpError { _ = try await consumer.next(limit: 1, wait: .seconds(1)) })
    #expect(error.isRetryable)
    try await server.start()
    try await publishRetrying(publisher, bench.messages(5..<6))
    let received = try await consumer.receiveRetrying(6)
    #expect(Set(received.compactMap(\.messageID)) == ["0", "1", "2", "3", "4", "5"])
    await consumer.close()
  }

  @Test func aBrokerWithoutMemoryBlocksPublishingUntilItHasSome() async throws {
    let bench = try await bench { $0.blockedTimeout = .seconds(1) }
    let publisher = bench.publisher()
    try await publisher.publish([bench.message(0)])
    #expect(!publisher.isBlocked)
    try await OwnBroker.evaluate("vm_memory_monitor:set_vm_memory_high_watermark(0.0000001).")
    var blocked: PublishFailure?
    try await eventually {
      blocked = try await publishFailure { try await publisher.publish([bench.message(1)]) }
      return blocked?.failures == [0: .notSent]
    }
    #expect(blocked?.cause?.code == .blocked)
    #expect(blocked?.cause?.detail == "low on memory")
    #expect(blocked?.isRetryable == true)
    #expect(publisher.isBlocked)
    try await OwnBroker.evaluate("vm_memory_monitor:set_vm_memory_high_watermark({absolute, 1073741824}).")
    try await publishRetrying(publisher, [bench.message(2)])
    #expect(!publisher.isBlocked)
    await publisher.close()
  }

  @Test func aTrustedCertificateIsAccepted() async throws {
    let bench = try await bench()
    var secure = try await secured(bench.configuration, authority: "ca.pem")
    secure.frameMax = 4_096
    let publisher = Publisher(secure, logger: Workbench.logger)
    var large = bench.message(1)
    large.body = [UInt8](repeating: 7, count: 200_000)
    try await publisher.publish(bench.messages(0..<1) + [large])
    let consumer = Consumer(secure, queue: bench.queue, prefetch: 10, logger: Workbench.logger)
    #expect(try await consumer.receive(2).map(\.body.count) == [6, 200_000])
    await consumer.close()
    await publisher.close()
  }

  @Test func aStrangersCertificateIsRefused() async throws {
    let bench = try await bench()
    var wrongHost = try await secured(bench.configuration, authority: "ca.pem")
    wrongHost.host = "127.0.0.1"
    let wrongAuthority = try await secured(bench.configuration, authority: "other-ca.pem")
    for configuration in [wrongHost, wrongAuthority] {
      let error = try #require(
        await amqpError { try await Publisher(configuration, logger: Workbench.logger).connect() })
      #expect(error.code == .tlsFailed)
      #expect(!error.isRetryable)
    }
  }

  private func secured(_ plain: AMQPConfiguration, authority: String) async throws -> AMQPConfiguration {
    var configuration = plain
    var security = AMQPTransportSecurity()
    security.authorityFile = try await OwnBroker.certificates().appending(path: authority).path
    configuration.tls = security
    configuration.host = "localhost"
    configuration.port = try await OwnBroker.tlsPort()
    return configuration
  }

  private func publishRetrying(_ publisher: Publisher, _ messages: [Message]) async throws {
    try await eventually {
      do {
        try await publisher.publish(messages)
        return true
      } catch let failure as PublishFailure where failure.isRetryable {
        return false
      }
    }
  }
}
