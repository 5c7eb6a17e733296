/// What a service's executable can be asked to do.
enum Arguments: Equatable {
  case serve
  case migrateOnly
  case help
  case version

  struct Unknown: Error, Equatable {
    let argument: String
  }

  static func parse(_ arguments: some Sequence<String>) throws(Unknown) -> Arguments {
    var parsed = Arguments.serve
    for argument in arguments {
      switch argument {
      case "--migrate-only": parsed = .migrateOnly
      case "--help", "-h": return .help
      case "--version": return .version
      case _: throw Unknown(argument: argument)
      }
    }
    return parsed
  }

  static func usage(_ name: String) -> String {
    """
    Usage: \(name) [--migrate-only | --help | --version]

      --migrate-only  brings the database schema to this version's state and exits
      --version       prints the version and exits

    Everything else comes from the environment (VESTIBULE_DATABASE_URL, VESTIBULE_AMQP_URL, …).
    """
  }
}
