package import Foundation
package import Messaging

extension LocalSystem {
  /// How a system is run; only the directory must be given.
  package struct Options: Sendable {
    /// Everything that the system keeps is in it.
    package var directory: URL
    /// Where the services' executables are.
    package var executables: URL
    /// How many copies of each service run.
    package var copies: Int
    /// Further environment of all services, and of single ones, which outranks it.
    package var environment: [String: String]
    package var serviceEnvironment: [ServiceName: [String: String]]
    /// Ports; free ones where nothing is given.
    package var ports: Ports

    package init(
      directory: URL, executables: URL = Self.besideThisExecutable, copies: Int = 1,
      environment: [String: String] = [:], serviceEnvironment: [ServiceName: [String: String]] = [:],
      ports: Ports = Ports()
    ) {
      (self.directory, self.executables, self.copies) = (directory, executables, copies)
      (self.environment, self.serviceEnvironment) = (environment, serviceEnvironment)
      self.ports = ports
    }

    /// The folder of the running executable: all products of a build are in one folder.
    package static var besideThisExecutable: URL {
      let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return URL(filePath: path ?? CommandLine.arguments[0]).deletingLastPathComponent()
    }
  }

  package struct Ports: Sendable {
    package var postgres: Int?
    package var rabbitMQ: Int?
    package var issuer: Int?
    /// Of the first copy of each service.
    package var grpc: [ServiceName: Int]

    package init(
      postgres: Int? = nil, rabbitMQ: Int? = nil, issuer: Int? = nil, grpc: [ServiceName: Int] = [:]
    ) {
      (self.postgres, self.rabbitMQ, self.issuer, self.grpc) = (postgres, rabbitMQ, issuer, grpc)
    }
  }
}
