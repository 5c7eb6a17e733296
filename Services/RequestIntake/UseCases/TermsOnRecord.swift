import EntitlementModel
import Foundation
import Postgres

/// What people have accepted, by whichever of the subjects that were merged, as far as it bears on the packages that they
/// ask for.
struct TermsOnRecord {
  private let accepted: [UUID: Set<TermsDemand.AcceptedVersion>]
  /// Who was merged into whom.
  private let merged: [UUID: Set<UUID>]
  private let configuration: LoadedConfiguration

  init(
    of asking: [(person: Subject, package: UUID)], _ configuration: LoadedConfiguration,
    _ connection: Connection
  ) throws {
    self.configuration = configuration
    let concerned = asking.filter { person, package in
      configuration.demandsTerms(of: package, person.tenant)
    }.map(\.person)
    let merged = try SubjectTable(connection: connection).merged(into: concerned)
    self.merged = merged
    let people = concerned.reduce(into: Set<UUID>()) { people, person in
      people.formUnion([person.id, person.standIn])
      people.formUnion(merged[person.id] ?? [])
    }
    accepted = try TermsTable(connection: connection)
      .accepted(by: people, tenants: Set(concerned.map(\.tenant)))
  }

  func demand(of policy: AssignmentPolicy, _ person: Subject) -> TermsDemand {
    let terms = configuration.tenants[person.tenant]?.terms
    let subjects = (merged[person.id] ?? []).union([person.id, person.standIn])
    return TermsDemand(
      policy.terms.compactMap { terms?[$0] },
      recorded: subjects.reduce(into: []) { $0.formUnion(accepted[$1] ?? []) })
  }

  /// What is to be put on record of what a person accepts now.
  func new(
    of offered: [AcceptedTerms], under policy: AssignmentPolicy, _ person: Subject, at now: Date
  ) -> [StoredAcceptance] {
    demand(of: policy, person).new(of: offered).map {
      StoredAcceptance(tenant: person.tenant, person: person.id, accepted: $0, at: now)
    }
  }
}

extension LoadedConfiguration {
  /// Whether any policy of the package asks to accept terms.
  func demandsTerms(of package: UUID, _ tenant: UUID) -> Bool {
    tenants[tenant]?.policies(of: package).contains { !$0.terms.isEmpty } ?? false
  }
}
