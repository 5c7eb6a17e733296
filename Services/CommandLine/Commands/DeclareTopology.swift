import AMQP
import ArgumentParser
import Logging
import Messaging

struct DeclareTopology: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topology",
    abstract: "Declares the exchange, the queues and the bindings.",
    discussion:
      "Needs a broker user who may configure, in VESTIBULE_AMQP_URL. Declaring again changes nothing.")

  @OptionGroup var address: SystemAddress

  func run() async throws {
    try await Self.declare(at: try address.value("VESTIBULE_AMQP_URL"))
    Terminal.say("declared \(Topology.declarations.count) exchanges, queues and bindings")
  }

  static func declare(at amqpURL: String) async throws {
    let administration = Administration(
      try AMQPConfiguration(url: amqpURL), logger: Logger(label: "vestibule"))
    try await administration.declare(Topology.declarations)
    await administration.close()
  }
}
