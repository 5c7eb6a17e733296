import EntitlementModel
import Foundation
import Postgres

/// What live access of people has brought for attributes of their accounts, as far as it bears on the packages that they
/// ask for.
struct StoredAttributes {
  private let values: [UUID: [String: [String]]]
  private let configuration: LoadedConfiguration

  init(
    of asking: [(person: Subject, package: UUID)], _ configuration: LoadedConfiguration, _ table: RequestTable
  ) throws {
    self.configuration = configuration
    let concerned = asking.filter { person, package in
      configuration.tenants[person.tenant]?.packages[package]?.attributes.isEmpty == false
    }.map(\.person)
    values = try table.liveAnswers(of: Set(concerned.map(\.id)), tenants: Set(concerned.map(\.tenant)))
      .mapValues(Self.newest)
  }

  func demand(of package: UUID, _ person: Subject) -> AttributeDemand {
    AttributeDemand(
      configuration.tenants[person.tenant]?.packages[package]?.attributes ?? [],
      stored: values[person.id] ?? [:])
  }

  private static func newest(_ sets: [GivenAnswers]) -> [String: [String]] {
    sets.sorted { $0.givenAt < $1.givenAt }.flatMap(\.answers).reduce(into: [:]) { values, answer in
      let given = answer.values.filter { !$0.allSatisfy(\.isWhitespace) }
      if answer.isForAttribute, !given.isEmpty { values[answer.question] = given }
    }
  }
}
