import Foundation
import Logging
import Messaging
import Postgres

/// Runs a service's executable: reads arguments and environment, serves until a signal, and ends the process
/// (0 done, 1 failed, 2 unusable arguments or settings).
package func boot<Booted: VestibuleService>(_ service: Booted.Type) async -> Never {
  let status = await BootSequence<Booted>(
    arguments: Array(CommandLine.arguments.dropFirst()),
    settings: SettingReader(environment: ProcessInfo.processInfo.environment)
  ).run()
  exit(status.rawValue)
}

private struct BootSequence<Booted: VestibuleService> {
  let arguments: [String]
  let settings: SettingReader

  func run() async -> ExitStatus {
    do {
      switch try Arguments.parse(arguments) {
      case .help: print(Arguments.usage(Booted.name.rawValue))
      case .version: print("\(Booted.name.rawValue) \(Release.version)")
      case .migrateOnly: return await migrate(try MigrationConfiguration(settings))
      case .serve: return await serve(try ServiceConfiguration(settings))
      }
      return .done
    } catch let error as Arguments.Unknown {
      return refuse("unknown argument \(error.argument)\n\(Arguments.usage(Booted.name.rawValue))")
    } catch {
      return refuse("\(error)")
    }
  }

  private func serve(_ configuration: ServiceConfiguration) async -> ExitStatus {
    let logger = logger(configuration.logLevel, configuration.logFormat)
    do {
      logger.info("starts", metadata: [LogKey.address: "\(configuration.grpcAddress)"])
      try await ServiceAssembly<Booted>(configuration, logger: logger).run()
      logger.info("has stopped")
      return .done
    } catch let error as ConfigurationError {
      return refuse("\(error)")
    } catch {
      logger.critical("cannot go on", metadata: [LogKey.error: "\(error)"])
      return .failed
    }
  }

  private func migrate(_ configuration: MigrationConfiguration) async -> ExitStatus {
    let logger = logger(configuration.logLevel, configuration.logFormat)
    let schema = Booted.name.schema
    var settings = DatabaseConfiguration(
      url: configuration.url, applicationName: "\(Booted.name.rawValue) migration")
    settings.sessions = 1
    let database = Database(settings, logger: logger)
    do {
      try await Migrator(schema: schema, migrations: Booted.migrations, runtimeRole: "vestibule_\(schema)")
        .migrate(using: database)
      await database.close()
      logger.info("the schema is up to date")
      return .done
    } catch {
      logger.critical("the schema cannot be migrated", metadata: [LogKey.error: "\(error)"])
      return .failed
    }
  }

  private func logger(_ level: Logger.Level, _ format: LogFormat) -> Logger {
    LoggingSystem.bootstrap { ConsoleLogHandler(label: $0, level: level, format: format) }
    return Logger(label: Booted.name.rawValue)
  }

  private func refuse(_ line: String) -> ExitStatus {
    FileHandle.standardError.write(Data("\(Booted.name.rawValue): \(line)\n".utf8))
    return .unusable
  }
}
