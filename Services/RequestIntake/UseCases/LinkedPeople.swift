import EntitlementModel
import Foundation

/// Of the people of a batch those whom administrators have linked to others: what one of them holds or asks for counts
/// for all (decision 1).
struct LinkedPeople {
  /// The other subjects that are the same person, by subject.
  private var others: [UUID: [UUID]] = [:]
  private var members: [UUID: Subject] = [:]

  /// Lets nobody else judge what these people may hold until the transaction ends: their requests meet at no index.
  init(_ people: some Sequence<Subject>, _ table: RequestTable) throws {
    let linked = people.filter { $0.person != nil }
    guard !linked.isEmpty else { return }
    let persons = Set(linked.compactMap(\.person))
    try table.serialize(people: persons)
    let found = try SubjectTable(connection: table.connection).members(
      of: persons, tenants: Set(linked.map(\.tenant)))
    members = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
    let byPerson = Dictionary(grouping: found, by: \.person)
    for subject in linked {
      others[subject.id] = (byPerson[subject.person] ?? []).map(\.id).filter { $0 != subject.id }
    }
  }

  func others(than subject: UUID) -> [UUID] { others[subject] ?? [] }

  /// All subjects that are the person, this one too.
  func everybody(_ subject: UUID) -> Set<UUID> { Set(others(than: subject) + [subject]) }

  /// The same subject, barred if whoever else it is is.
  func barred(_ subject: Subject, at now: Date) -> Subject {
    guard !subject.isBarred(at: now) else { return subject }
    let other = others(than: subject.id).compactMap { members[$0] }.first { $0.isBarred(at: now) }
    guard let bar = other?.bar else { return subject }
    var barred = subject
    barred.bar = bar
    return barred
  }

  /// These places, and the same of all who are the same person.
  func places(_ own: [Place]) -> [Place] {
    own + own.flatMap { place in others(than: place.subject).map { place.of($0) } }
  }

  /// What stands for one of them stands for all.
  func share(_ standing: inout [Place: Standing]) {
    guard !others.isEmpty else { return }
    let bySubject = Dictionary(grouping: standing, by: \.key.subject)
    for (subject, linked) in others {
      for (place, known) in linked.flatMap({ bySubject[$0] ?? [] }) where standing[place.of(subject)] == nil {
        standing[place.of(subject)] = known
      }
    }
  }
}

extension Place {
  /// The same package, for somebody else.
  func of(_ subject: UUID) -> Place { Place(tenant: tenant, subject: subject, package: package) }
}
