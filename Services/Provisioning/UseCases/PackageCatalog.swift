import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres

/// Which catalog a package is in: who manages its assignments depends on it.
struct PackageCatalog {
  let connection: Connection
  let cache: ConfigurationCache

  func of(_ packages: Set<UUID>) throws -> [UUID: UUID] {
    try ConfigurationCopies(connection: connection, cache: cache).load(packages)
      .mapValues { try AccessPackage($0).catalog }
  }

  /// Nil for a package that is not known any more.
  func of(_ package: UUID) throws -> UUID? {
    try ConfigurationCopies(connection: connection, cache: cache).load([package])[package]
      .map { try AccessPackage($0).catalog }
  }
}
