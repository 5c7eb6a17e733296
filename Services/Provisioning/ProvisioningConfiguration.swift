import Logging
import Postgres
import ServiceRuntime

/// What provisioning is told beyond what every service is.
struct ProvisioningConfiguration {
  let requestIntake: PeerAddress
  /// `VESTIBULE_FAULTS`: a file that says how the directory is to fail. Set, it makes the directory external: for
  /// tests and demonstrations alone.
  let faults: String?

  init(_ configuration: ServiceConfiguration) throws(ConfigurationError) {
    requestIntake = try configuration.requireRequestIntake()
    faults = configuration.settings.text("VESTIBULE_FAULTS")
  }

  func connectors(_ resources: ServiceResources) -> Connectors {
    guard let faults else { return Connectors(embedded: [BuiltInDirectory()]) }
    var settings = DatabaseConfiguration(
      url: resources.configuration.databaseURL, applicationName: "directory connector")
    settings.sessions = 2
    let far = RemoteConnector(BuiltInDirectory(), database: Database(settings, logger: resources.logger))
    return Connectors(embedded: [], external: [FaultyConnector(far, faults: FaultFile(path: faults))])
  }
}
