import Foundation
import Identity
import Messaging

/// What each service of a local system is told.
struct ServiceEnvironment {
  let options: LocalSystem.Options
  let postgres: PostgresServer
  let rabbitMQ: RabbitMQServer
  let issuer: DevelopmentIssuer

  /// `VESTIBULE_REQUEST_INTAKE_GRPC_URL` and so on.
  static func grpcURLName(of service: ServiceName) -> String {
    "VESTIBULE_\(service.rawValue.uppercased().replacing("-", with: "_"))_GRPC_URL"
  }

  func processes(_ credentials: [ServiceCredentials], logs: URL) throws -> [ServiceProcess] {
    let intakePort = try options.ports.grpc[.requestIntake] ?? Loopback.freePort()
    return try credentials.flatMap { credentials in
      let service = credentials.service
      let environment = environment(of: credentials, intakePort: intakePort)
      return try (1...max(1, options.copies)).map { copy in
        let known = service == .requestIntake ? intakePort : options.ports.grpc[service]
        return try ServiceProcess(
          service, copy: copy, executable: options.executables.appending(path: service.rawValue),
          environment: environment, logs: logs, grpcPort: copy == 1 ? known : nil)
      }
    }
  }

  private func environment(of service: ServiceCredentials, intakePort: Int) -> [String: String] {
    var environment = [
      "VESTIBULE_DATABASE_URL": postgres.administrator.url(
        database: DatabaseRoles.database, user: service.role, password: service.rolePassword),
      "VESTIBULE_AMQP_URL": rabbitMQ.url(user: service.brokerUser, password: service.brokerPassword),
      "VESTIBULE_ISSUERS": IssuersDocument.file(in: options.directory).path,
      "VESTIBULE_DEVELOPMENT_ISSUER": issuer.address.absoluteString,
    ]
    if service.service != .requestIntake {
      environment[Self.grpcURLName(of: .requestIntake)] = "http://127.0.0.1:\(intakePort)"
    }
    let further = options.environment.merging(options.serviceEnvironment[service.service] ?? [:]) { $1 }
    return environment.merging(further) { $1 }
  }
}
