import AMQP
import Testing

@Suite struct ConfigurationTests {
  @Test func readsEveryPartOfTheURL() throws {
    let configuration = try AMQPConfiguration(
      url: "amqps://us%40er:p%2Fw%3A@broker.example:5999/a%2Fb?heartbeat=7&cacertfile=/ca.pem")
    #expect(configuration.host == "broker.example")
    #expect(configuration.port == 5999)
    #expect(configuration.user == "us@er")
    #expect(configuration.virtualHost == "a/b")
    #expect(configuration.heartbeat == .seconds(7))
    #expect(configuration.tls?.authorityFile == "/ca.pem")
    #expect(configuration.tls?.verifiesPeer == true)
    #expect(configuration.tls?.verifiesHostName == true)
  }

  @Test func fillsWhatTheURLLeavesOut() throws {
    let plain = try AMQPConfiguration(url: "amqp://localhost")
    #expect((plain.port, plain.virtualHost, plain.user) == (5672, "/", "guest"))
    #expect(plain.tls == nil)
    #expect(try AMQPConfiguration(url: "amqps://[::1]/x").port == 5671)
    #expect(try AMQPConfiguration(url: "amqp://[::1]:7/x").host == "::1")
  }

  @Test(arguments: [
    "http://x", "amqp://", "amqp://host:0", "amqp://host:http", "amqp://u:%zz@host", "amqp://host/%ff",
    "amqp://u:geheim@host?color=red", "amqp://u:geheim@host:70000",
  ])
  func refusesWhatItDoesNotUnderstand(url: String) throws {
    let error = try #require(throws: AMQPError.self) { try AMQPConfiguration(url: url) }
    #expect(error.code == .invalidConfiguration)
    #expect(!error.isRetryable)
    #expect(!"\(error)".contains("geheim"))
  }

  @Test func showsNoPassword() throws {
    let configuration = try AMQPConfiguration(url: "amqp://user:geheim@host/v")
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(!text.contains("geheim"))
    }
  }
}
