import Contracts
import Foundation
import Protocols
import SwiftProtobuf

/// What happens between the rounds, while everything is at rest.
extension ReferenceRun {
  mutating func amend() async throws {
    for ended in bylaws.organizations.filter(\.value.isEnded).keys { try await reopen(ended) }
    for _ in 0..<3 {
      switch script.amendment(bylaws) {
      case .bylaws(let next): try await adopt(next)
      case .bar(let person, let isBarred): try await bar(person, isBarred)
      case .leave(let person): try await leave(person)
      case .delegate(let approver, let delegate): try await name(delegate, for: approver)
      case .membership(let person, let group): try await toggle(person, in: group)
      case .welcome: try await welcome()
      case .end(let organization): try await end(organization)
      case .republish: try await running.vestibule("republish", "--tenant", world.name)
      }
    }
    try await agree()
  }

  mutating func adopt(_ next: Bylaws) async throws {
    let before = bylaws
    try await world.change(before, to: next, at: scribe.intake[0])
    bylaws = next
    guard before.idleGuests != next.idleGuests else { return }
    for citizen in world.crowd {
      let c = circumstances(citizen, at: Date())
      update(citizen.name) { $0.lifecycleChanged(c) }
      note(["idle guests: \(next.idleGuests)"], of: citizen.name)
    }
  }

  private mutating func bar(_ person: String, _ isBarred: Bool) async throws {
    guard hindered[person] != "subjectLeft" else { return }
    let subject = world.subject(world.citizen(person), isBarred: isBarred)
    let (client, token) = (scribe.intake[0], world.administrator.token)
    try await world.confirming(at: client) {
      _ = try await client.subjects.put(
        .with { $0.subject = subject }, metadata: .bearer(token), options: TestClient.options)
    }
    hindered[person] = isBarred ? "subjectBarred" : nil
    update(person) { $0.isBarred = isBarred }
    note([isBarred ? "barred" : "not barred"], of: person)
  }

  private mutating func leave(_ person: String) async throws {
    guard hindered[person] == nil, done > 500 else { return }
    let (client, token) = (scribe.intake[0], world.administrator.token)
    let (tenant, id) = (world.tenant, world.citizen(person).id)
    try await world.confirming(at: client) {
      _ = try await client.subjects.end(
        .with { ($0.tenant, $0.id, $0.reason) = (tenant, id, "Has left") }, metadata: .bearer(token),
        options: TestClient.options)
    }
    hindered[person] = "subjectLeft"
    let c = circumstances(world.citizen(person), at: Date())
    update(person) { $0.left(c) }
    note(["has left"], of: person)
  }

  private mutating func update(_ person: String, _ change: (inout Dossier) -> Void) {
    dossiers[person] = dossiers[person]?.map { before in
      var dossier = before
      change(&dossier)
      return dossier
    }
  }

  private mutating func name(_ delegate: String?, for approver: String) async throws {
    guard hindered[approver] == nil else { return }
    let (client, token, tenant) = (scribe.approval[0], world.citizen(approver).token, world.tenant)
    let id = delegate.map { world.citizen($0).id } ?? ""
    try await persistently {
      _ = try await client.approvals.setDelegation(
        .with { ($0.tenant, $0.delegate) = (tenant, id) }, metadata: .bearer(token),
        options: TestClient.options)
    }
    bylaws.delegates[approver] = delegate
  }

  // MARK: - Groups and organizations

  mutating func toggle(_ person: String, in group: String) async throws {
    let joins = !(bylaws.groups[group] ?? []).contains(person)
    let (tenant, id, token) = (world.tenant, world.citizen(person).id, world.administrator.token)
    let client = directory
    try await persistently {
      _ = try await client.directory.changeMembers(
        .with {
          ($0.tenant, $0.group) = (tenant, group)
          if joins { $0.added = [id] } else { $0.removed = [id] }
        }, metadata: .bearer(token), options: TestClient.options)
    }
    if joins {
      bylaws.groups[group, default: []].insert(person)
    } else {
      bylaws.groups[group]?.remove(person)
    }
    note([joins ? "joined \(group)" : "left \(group)"], of: person)
  }

  /// An administrator configures what has become known by itself.
  private mutating func welcome() async throws {
    let found = try await running.rows(
      """
      SELECT id FROM intake.configuration WHERE tenant = '\(world.tenant)' AND NOT deleted
        AND object -> 'connectedOrganization' ->> 'state' = 'proposed'
      """)
    guard let id = found.first else { return }
    let (client, token, tenant) = (scribe.intake[0], world.administrator.token, world.tenant)
    try await world.confirming(at: client) {
      var object = try await client.configuration.get(
        .with { ($0.tenant, $0.id) = (tenant, id) }, metadata: .bearer(token), options: TestClient.options)
      object.connectedOrganization.state = .configured
      let configured = object
      _ = try await client.configuration.put(
        .with { $0.object = configured }, metadata: .bearer(token), options: TestClient.options)
    }
    bylaws.organizations[Bylaws.stranger] = Bylaws.Organization(
      ourSponsors: [], theirSponsors: [], domains: [])
  }

  private mutating func end(_ organization: String) async throws {
    let (client, token, tenant) = (scribe.intake[0], world.administrator.token, world.tenant)
    let id = world.id("connectedOrganization", organization)
    try await world.confirming(at: client) {
      _ = try await client.organizations.end(
        .with { ($0.tenant, $0.id) = (tenant, id) }, metadata: .bearer(token), options: TestClient.options)
    }
    bylaws.organizations[organization]?.isEnded = true
    for citizen in world.crowd where citizen.organization == organization {
      let c = circumstances(citizen, at: Date())
      update(citizen.name) { $0.lostOrganization(c) }
      note(["\(organization) has ended"], of: citizen.name)
    }
    try await agree()
  }

  /// It is welcome again; what has ended stays so.
  private mutating func reopen(_ organization: String) async throws {
    var next = bylaws
    next.organizations[organization]?.isEnded = false
    next.deniedDomains = []
    try await adopt(next)
    for resident in world.residents where resident.organization == organization {
      _ = try await scribe.perform(.submit(Wish(package: "assigned", isByAdministrator: true)), of: resident)
    }
    for citizen in world.crowd where citizen.organization == organization {
      note(["\(organization) is open again"], of: citizen.name)
    }
    try await agree()
  }
}
