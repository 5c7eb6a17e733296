import AMQP
import ArgumentParser
import Logging
import Messaging

struct DeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters",
    abstract: "What services could not take, and why.",
    subcommands: [List.self, Replay.self, Drop.self], defaultSubcommand: List.self)

  struct Selection: ParsableArguments {
    @Option(help: "One service: request-intake, approval, provisioning or expiry; all without it.")
    var service: String?
    @Option(help: "At most so many of each service.") var limit = 1_000
    @OptionGroup var address: SystemAddress

    func validate() throws {
      if let service, ServiceName(rawValue: service) == nil {
        throw ValidationError("there is no service \(service)")
      }
    }

    /// Runs `body` on every chosen service's dead letters.
    func each(_ body: (ServiceName, DeadLetters) async throws -> Void) async throws {
      let broker = try AMQPConfiguration(url: try address.value("VESTIBULE_AMQP_URL"))
      let logger = Logger(label: "vestibule")
      for name in ServiceName.allCases where service == nil || service == name.rawValue {
        let administration = Administration(broker, logger: logger)
        let publisher = Publisher(broker, logger: logger)
        try await body(name, DeadLetters(administration: administration, publisher: publisher, service: name))
        await publisher.close()
        await administration.close()
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows them; changes nothing.")
    @OptionGroup var selection: Selection

    func run() async throws {
      var count = 0
      try await selection.each { name, letters in
        for letter in try await letters.list(limit: selection.limit) {
          count += 1
          Terminal.say("\(name.rawValue)  \(letter.type)  \(letter.event)  \(letter.code)  \(letter.reason)")
        }
      }
      if count == 0 { Terminal.say("no dead letters") }
    }
  }

  struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Puts them back on their service's queue, under their own event ids.")
    @OptionGroup var selection: Selection

    func run() async throws {
      try await selection.each { name, letters in
        Terminal.say("\(name.rawValue): \(try await letters.replay(limit: selection.limit)) replayed")
      }
    }
  }

  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Throws them away.")
    @OptionGroup var selection: Selection
    @Flag(help: "Really.") var yes = false

    func validate() throws {
      if !yes { throw ValidationError("dropping loses what they tell: say --yes") }
    }

    func run() async throws {
      try await selection.each { name, letters in
        Terminal.say("\(name.rawValue): \(try await letters.drop(limit: selection.limit)) dropped")
      }
    }
  }
}
