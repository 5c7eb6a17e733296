import Foundation
import Logging
import Postgres
import Synchronization
import TestSupport

/// Gives `body` a database of its own.
func withDatabase<T>(
  _ configure: (inout DatabaseConfiguration) -> Void = { _ in }, _ body: (Database) async throws -> T
) async throws -> T {
  let test = try await TestDatabase.make()
  return try await withDatabase(at: test.url, configure, body)
}

func withDatabase<T>(
  at url: String, _ configure: (inout DatabaseConfiguration) -> Void = { _ in },
  _ body: (Database) async throws -> T
) async throws -> T {
  var configuration = DatabaseConfiguration(url: url, applicationName: "postgres-tests")
  configure(&configuration)
  let database = Database(configuration, logger: Logger(label: "postgres-tests"))
  do {
    let value = try await body(database)
    await database.close()
    return value
  } catch {
    await database.close()
    throw error
  }
}

/// The code of the `DatabaseError` that `work` throws, nil if it throws none.
func code(of work: () async throws -> Void) async throws -> DatabaseError.Code? {
  do {
    try await work()
    return nil
  } catch let error as DatabaseError {
    return error.code
  }
}

/// Counts how often a body runs.
final class RunCounter: Sendable {
  private let runs = Mutex(0)

  var total: Int { runs.withLock(\.self) }

  func next() -> Int {
    runs.withLock { runs in
      runs += 1
      return runs
    }
  }
}
