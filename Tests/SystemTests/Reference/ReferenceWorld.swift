import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Protocols
import SwiftProtobuf

/// A tenant of its own, its people, and what its administrators configure.
struct ReferenceWorld: Sendable {
  let name: String
  let tenant: String
  let administrator: Citizen
  /// Confirms what the first may not do alone.
  let secondAdministrator: Citizen
  /// Those who approve, and do not ask.
  let approvers: [Citizen]
  let crowd: [Citizen]
  /// They hold something all the time, so that an organization with a limit is full.
  let residents: [Citizen]
  private let byName: [String: Citizen]
  private let issuer: DevelopmentIssuer
  private let operating: String

  static let approverNames: [(name: String, organization: String?)] = [
    ("grace", nil), ("henry", nil), ("dan", nil), ("ada", "fabrikam"), ("ben", "fabrikam"),
    ("dora", "fabrikam"),
    ("lea", "litware"),
  ]

  init(_ name: String, people: Int, issuer: DevelopmentIssuer) async throws {
    (self.name, self.issuer) = (name, issuer)
    let tenant = UUID(namedBy: ["tenant", name]).text
    self.tenant = tenant
    func citizen(_ person: String, _ organization: String?, _ roles: [String] = []) throws -> Citizen {
      let isElsewhere = person.hasSuffix("5")
      let email = "\(person)@\(isElsewhere ? "mail" : (organization ?? "contoso")).example"
      let token = try issuer.mint(
        issuerName: Self.issuerName(name, organization), subject: person, email: email, roles: roles,
        lifetime: 36_000)
      return Citizen(
        name: person, id: UUID(namedBy: [tenant, "subject", person]).text, organization: organization,
        email: email,
        token: token)
    }
    administrator = try citizen("root", nil, ["administrator"])
    secondAdministrator = try citizen("branch", nil, ["administrator"])
    approvers = try Self.approverNames.map { try citizen($0.name, $0.organization) }
    residents = try ["fabrikam", "litware"].map { (name: String) in try citizen("resident-\(name)", name) }
    crowd = try (0..<people).map { try citizen("p\($0)", Self.organization(of: $0)) }
    byName = Dictionary(
      uniqueKeysWithValues: ([administrator, secondAdministrator] + approvers + residents + crowd).map {
        ($0.name, $0)
      })
    operating = try issuer.mint(
      issuerName: "operator", subject: "operator", roles: ["operator"], lifetime: 36_000)
  }

  private static func organization(of number: Int) -> String? {
    if number % 21 == 20 { return Bylaws.stranger }
    return switch number % 7 {
    case 0, 1, 2, 3: "fabrikam"
    case 4, 5: "litware"
    default: nil
    }
  }

  private static func issuerName(_ world: String, _ organization: String?) -> String {
    organization == Bylaws.stranger
      ? "\(world)-partners/\(Bylaws.stranger)" : "\(world)-\(organization ?? "home")"
  }

  func id(_ kind: String, _ name: String) -> String { UUID(namedBy: [tenant, kind, name]).text }

  func citizen(_ name: String) -> Citizen { byName[name] ?? administrator }

  /// Somebody who has nothing to do with a person.
  func stranger(to citizen: Citizen) -> Citizen {
    residents[0].name == citizen.name ? residents[1] : residents[0]
  }

  // MARK: - Making it

  func create(_ bylaws: Bylaws, at client: TestClient) async throws {
    let tenantObject = Vestibule_Model_V1_ConfigurationObject.with {
      ($0.id, $0.tenant, $0.name) = (tenant, tenant, name)
      $0.tenantSettings = .with { ($0.displayName, $0.timeZone) = (name, "UTC") }
    }
    let objects = [tenantObject] + objects(bylaws)
    try await put(objects.filter { [.tenant, .catalog, .resource].contains($0.kind) }, at: client)
    try await put(people: [administrator, secondAdministrator] + approvers, at: client)
    try await put(
      objects.filter { [.terms, .accessPackage, .connectedOrganization].contains($0.kind) } + issuers,
      at: client)
    try await put(people: approvers + residents + crowd, withOrganizations: true, at: client)
    try await put(
      objects.filter { [.assignmentPolicy, .domainList, .lifecycleSettings].contains($0.kind) }, at: client)
  }

  /// Puts what the new bylaws say otherwise.
  func change(_ before: Bylaws, to after: Bylaws, at client: TestClient) async throws {
    let known = Dictionary(uniqueKeysWithValues: objects(before).map { ($0.id, $0) })
    try await put(objects(after).filter { known[$0.id] != $0 }, at: client, by: administrator.token)
  }

  private func put(
    _ objects: [Vestibule_Model_V1_ConfigurationObject], at client: TestClient, by token: String? = nil
  ) async throws {
    for object in objects {
      try await confirming(at: client) {
        _ = try await client.configuration.put(
          .with { $0.object = object }, metadata: .bearer(token ?? operating), options: TestClient.options)
      }
    }
  }

  /// What would cost many people something waits for the second administrator, who has seen how many.
  func confirming(at client: TestClient, _ change: () async throws -> Void) async throws {
    let (tenant, bearer) = (tenant, Metadata.bearer(secondAdministrator.token))
    try await persistently {
      do {
        try await change()
      } catch let error as RPCError where error.refusal?.reasons.first?.code == .confirmationRequired {
        let id = error.refusal?.reasons.first?.hint ?? ""
        let waiting = try await client.confirmations.get(
          .with { ($0.tenant, $0.id) = (tenant, id) }, metadata: bearer, options: TestClient.options)
        _ = try await client.confirmations.confirm(
          .with { ($0.tenant, $0.id, $0.people) = (tenant, id, waiting.people) }, metadata: bearer,
          options: TestClient.options)
      }
    }
  }

  private func put(people: [Citizen], withOrganizations: Bool = false, at client: TestClient) async throws {
    try await persistently {
      let answer = try await client.subjects.putMany(
        metadata: .bearer(operating), options: TestClient.options
      ) { writer in
        for person in people {
          try await writer.write(.with { $0.subject = subject(person, withOrganization: withOrganizations) })
        }
      }
      guard answer.refused.isEmpty else { throw Failure.refused("\(answer.refused[0])") }
    }
  }

  func subject(
    _ person: Citizen, withOrganization: Bool = true, isBarred: Bool = false
  ) -> Vestibule_Model_V1_Subject {
    .with {
      ($0.id, $0.tenant, $0.name, $0.email) = (person.id, tenant, person.name, person.email)
      ($0.displayName, $0.kind) = (person.name, person.isMember ? .member : .external)
      $0.identities = [
        .with {
          ($0.issuer, $0.subject) = (issuer.issuer(Self.issuerName(name, person.organization)), person.name)
        }
      ]
      if withOrganization, let organization = person.organization, organization != Bylaws.stranger {
        $0.organization = id("connectedOrganization", organization)
      }
      if isBarred { $0.bar = .with { $0.reason = "Under investigation" } }
    }
  }

  private var issuers: [Vestibule_Model_V1_ConfigurationObject] {
    [nil, "fabrikam", "litware"].map { organization in
      object("issuer", organization ?? "home") {
        $0.issuer = .with {
          $0.issuer = issuer.issuer(Self.issuerName(name, organization))
          ($0.audience, $0.subjectClaim) = ("vestibule", "sub")
          $0.jwksURL = issuer.issuer("jwks.json")
          if let organization {
            $0.organization = id("connectedOrganization", organization)
          } else {
            $0.mappedRoles = ["administrator": "tenantAdministrator"]
          }
        }
      }
    } + [
      object("issuer", "partners") {
        $0.issuer = .with {
          $0.issuer = issuer.issuer("\(name)-partners/{tid}")
          ($0.audience, $0.subjectClaim, $0.jwksURL) = ("vestibule", "sub", issuer.issuer("jwks.json"))
        }
      }
    ]
  }

  func object(
    _ kind: String, _ name: String, _ fill: (inout Vestibule_Model_V1_ConfigurationObject) -> Void
  ) -> Vestibule_Model_V1_ConfigurationObject {
    .with {
      ($0.id, $0.tenant, $0.name) = (id(kind, name), tenant, name)
      fill(&$0)
    }
  }

  enum Failure: Error { case refused(String) }
}

extension RPCError {
  /// Whether it says nothing about what was asked: a service is busy or dead, or has not heard of an issuer yet.
  var isPassing: Bool { [.resourceExhausted, .unavailable, .unauthenticated].contains(code) }
}

/// Repeats what a service that dies leaves unanswered.
func persistently<Answer: Sendable>(_ call: () async throws -> Answer) async throws -> Answer {
  var attempts = 0
  while true {
    do {
      return try await call()
    } catch let error as RPCError
      where attempts < 600 && (error.refusal == nil || error.isPassing)
    {
      attempts += 1
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}
