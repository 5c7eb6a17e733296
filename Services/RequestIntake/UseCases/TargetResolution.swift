import EntitlementModel
import Foundation
import Identity
import Messaging

/// Finds the people that submissions are about, all at once; makes those who are new.
struct TargetResolution {
  let work: Work
  private var table: SubjectTable { SubjectTable(connection: work.connection) }

  init(_ work: Work) {
    self.work = work
  }

  /// - Returns: for each item its person; none for an id that the tenant does not know.
  func callAsFunction(_ items: [Int: Submission]) throws -> [Int: Subject] {
    var (ids, signIns, addresses): (Set<UUID>, Set<TenantIdentity>, Set<Address>) = ([], [], [])
    for item in items.values {
      switch item.who {
      case .known(let id): ids.insert(id)
      case .signedIn(let identity): signIns.insert(identity)
      case .address(let address): addresses.insert(address)
      }
    }
    let tenants = Set(items.values.map(\.tenant))
    try meet(signIns, addresses, items.values)
    let known = ids.isEmpty ? [:] : try table.survivors(of: table.find(ids, tenants: tenants))
    let signedIn = signIns.isEmpty ? [:] : try table.survivors(of: people(signIns, items.values))
    let addressed = addresses.isEmpty ? [:] : try table.survivors(of: people(addresses, items.values))
    return items.compactMapValues { item in
      switch item.who {
      case .known(let id): known[id].flatMap { $0.tenant == item.tenant ? $0 : nil }
      case .signedIn(let identity): signedIn[identity]
      case .address(let address): addressed[address]
      }
    }
  }

  /// Who is new by a sign-in that proves an address, and who is named by it, may be the same, here or in another copy of
  /// the service: one after the other, and whoever proves it is whom it led to before.
  private func meet(
    _ signIns: Set<TenantIdentity>, _ addresses: Set<Address>, _ items: some Sequence<Submission>
  ) throws {
    let (known, found) = (
      signIns.isEmpty ? [:] : try table.find(signIns), addresses.isEmpty ? [:] : try table.find(addresses)
    )
    let proving = Dictionary(
      items.compactMap { item in item.provedAddress.map { (item.identity, $0) } }
    ) { first, _ in first }.filter { signIns.contains($0.key) && known[$0.key] == nil }
    let contested = addresses.filter { found[$0] == nil }.union(proving.values)
    guard !contested.isEmpty else { return }
    try table.serialize(contested)
    let bound = Set(
      try table.bind(proving.map { ($0.key, $0.value) }).map { tenant, person -> UUID in
        work.record(
          .subjectSignedIn, of: person, tenant: tenant, by: Initiator(subject: person, role: "person"))
        return person
      })
    guard !bound.isEmpty else { return }
    let matched = Dictionary(
      items.compactMap { item in item.principal.organization.map { (item.identity, $0) } }
    ) { first, _ in first }
    try table.join(
      try table.find(Set(proving.keys)).reduce(into: [:]) { joined, entry in
        if bound.contains(entry.value.id) { joined[entry.value.id] = matched[entry.key] }
      }, tenants: Set(proving.keys.map(\.tenant)))
  }

  /// Whoever signs in for the first time becomes a subject now.
  private func people(
    _ signIns: Set<TenantIdentity>, _ items: some Sequence<Submission>
  ) throws -> [TenantIdentity: Subject] {
    var found = try table.find(signIns)
    let callers = Dictionary(items.map { ($0.identity, $0) }) { first, _ in first }
    var new: [TenantIdentity: Subject] = [:]
    for identity in signIns where found[identity] == nil {
      guard let caller = callers[identity] else { continue }
      new[identity] = Subject(signedIn: caller, id: work.newID())
    }
    let stored = try table.insertNew(new)
    record(new.values.filter { stored.contains($0.id) }, items)
    found.merge(new.filter { stored.contains($0.value.id) }) { known, _ in known }
    let elsewhere = new.filter { !stored.contains($0.value.id) }.keys
    return elsewhere.isEmpty ? found : found.merging(try table.find(elsewhere)) { known, _ in known }
  }

  /// Readers learn of them from their requests.
  private func record(_ new: [Subject], _ items: some Sequence<Submission>) {
    guard !new.isEmpty else { return }
    var initiators: [String: Initiator] = [:]
    for item in items {
      initiators[item.targetEmail.isEmpty ? item.principal.externalSubject : item.targetEmail] =
        item.principal.initiator
    }
    let events = SubjectEvents(epoch: 0, work: work)
    for subject in new.sorted(by: { $0.id < $1.id }) {
      let asked = subject.identities.first?.subject ?? subject.email
      events.record(subject, by: initiators[asked] ?? .system)
    }
  }

  /// Somebody who is only known by address is a subject without an identity, until a sign-in proves the
  /// address.
  private func people(
    _ addresses: Set<Address>, _ items: some Sequence<Submission>
  ) throws -> [Address: Subject] {
    let found = try table.find(addresses)
    let emails = Dictionary(items.map { (Address(tenant: $0.tenant, email: $0.targetEmail), $0.targetEmail) })
    {
      first, _ in first
    }
    let new = addresses.filter { found[$0] == nil }.reduce(into: [Address: Subject]()) { new, address in
      let email = emails[address] ?? address.key
      new[address] = Subject(
        id: work.newID(), tenant: address.tenant, email: email, displayName: email, kind: .external,
        identities: [])
    }
    try table.save(Array(new.values))
    record(Array(new.values), items)
    return found.merging(new) { known, _ in known }
  }
}

extension Submission {
  fileprivate enum Who {
    case known(UUID)
    case signedIn(TenantIdentity)
    case address(Address)
  }

  fileprivate var who: Who {
    if let targetSubject { return .known(targetSubject) }
    if !targetEmail.isEmpty { return .address(Address(tenant: tenant, email: targetEmail)) }
    return principal.subject.map { .known($0) } ?? .signedIn(identity)
  }
}

extension Submission {
  /// The address that the caller's own sign-in proves.
  fileprivate var provedAddress: Address? {
    guard principal.isEmailProved, let email = principal.email else { return nil }
    return Address(tenant: tenant, email: email)
  }
}

extension Subject {
  /// A person of whom only the sign-in is known.
  init(signedIn caller: Submission, id: UUID) {
    let principal = caller.principal
    self.init(
      id: id, tenant: caller.tenant, email: principal.email ?? "",
      displayName: principal.email ?? principal.externalSubject,
      kind: principal.isMember ? .member : .external,
      identities: [caller.identity.identity], organization: principal.organization,
      isEmailClaimed: principal.email != nil && !principal.isEmailProved)
  }
}
