import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Protocols
import SwiftProtobuf

/// Brings a running tenant to what a file says; what is so already is left alone.
struct TenantApplication {
  let file: TenantFile
  let connection: ServiceConnection
  let tokens: Tokens
  let isDryRun: Bool
  /// Told a line for each object that is, or would be, changed.
  let tell: (String) -> Void

  /// - Returns: how many objects were (or would be) created or changed.
  func run() async throws -> Int {
    var changed = 0
    // What only the operator may do: the tenant, and the issuers through which its administrators sign in.
    let operating = try tokens.operating()
    changed += try await put(file.objects.filter { $0.kind == .tenant }, operating)
    changed += try await put(
      file.objects.filter { $0.kind == .issuer && $0.issuer.organization.isEmpty }, operating)
    let administering = try tokens.administering(file.tenantName)
    for subject in file.subjects.namedFirst { changed += try await put(subject, administering) }
    let order: [Vestibule_Api_V1_Kind] = [
      .catalog, .resource, .accessPackage, .connectedOrganization, .issuer, .terms, .assignmentPolicy,
      .roleAssignment,
      .domainList, .lifecycleSettings,
    ]
    let objects = order.flatMap { kind in
      file.objects.filter { $0.kind == kind && !($0.kind == .issuer && $0.issuer.organization.isEmpty) }
    }
    return try await changed + put(objects, administering)
  }

  /// Objects that refer to each other, and those that others let go of later in the file, come in another round.
  private func put(
    _ objects: [Vestibule_Model_V1_ConfigurationObject], _ token: String
  ) async throws -> Int {
    var (changed, open) = (0, objects)
    while true {
      var refused: [(object: Vestibule_Model_V1_ConfigurationObject, error: RPCError)] = []
      for object in open {
        do {
          changed += try await put(object, token)
        } catch let error as RPCError {
          guard error.mayPassLater else { throw Failure.file(object.name, Failure.text(of: error)) }
          refused.append((object, error))
        }
      }
      guard let first = refused.first else { return changed }
      if refused.count == open.count {
        let begun = try await beginCircle(refused.map(\.object), token)
        guard begun > 0 else { throw Failure.file(first.object.name, Failure.text(of: first.error)) }
        changed += begun
      }
      open = refused.map(\.object)
    }
  }

  /// New packages that exclude each other come first without that.
  /// - Returns: how many of them were created.
  private func beginCircle(
    _ objects: [Vestibule_Model_V1_ConfigurationObject], _ token: String
  ) async throws -> Int {
    var begun = 0
    for object in objects where !object.accessPackage.incompatibleAccessPackages.isEmpty {
      var package = object
      package.accessPackage.incompatibleAccessPackages = []
      guard try await stored(object, token) == nil else { continue }
      begun += try await put(package, token)
    }
    return begun
  }

  /// - Throws: `RPCError` where the service refuses it.
  private func put(_ object: Vestibule_Model_V1_ConfigurationObject, _ token: String) async throws -> Int {
    let now = try await stored(object, token)
    if let now, now.hasSameContent(as: object) { return 0 }
    let line = "\(now == nil ? "+" : "~") \(object.kind.text) \(object.name)"
    if !isDryRun { return try await save(object, telling: line, token) }
    tell(line)
    await tellEffect(of: object, token)
    return 1
  }

  /// What the service says would follow. It can not say anything of what refers to objects that are not there yet.
  private func tellEffect(of object: Vestibule_Model_V1_ConfigurationObject, _ token: String) async {
    let request = Vestibule_Api_V1_PutRequest.with { ($0.object, $0.dryRun) = (object, true) }
    guard let answer = try? await connection.configuration.put(request, metadata: .bearer(token)) else {
      return
    }
    for warning in answer.warnings { tell("! \(object.name): \(Failure.sentence(Reason(warning)))") }
    tellDenied(by: object, answer)
    guard answer.confirmationRequired else { return }
    let effects = answer.widens + (answer.people > 0 ? ["concerns \(answer.people) people"] : [])
    tell("? \(object.name): would wait for a second administrator: \(effects.joined(separator: ", "))")
  }

  /// - Returns: 1, or 0 where the change waits for a second administrator; the others go on.
  private func save(
    _ object: Vestibule_Model_V1_ConfigurationObject, telling line: String, _ token: String
  ) async throws -> Int {
    do {
      let saved = try await connection.configuration.put(
        .with { $0.object = object }, metadata: .bearer(token))
      tell(line)
      for warning in saved.warnings { tell("! \(object.name): \(Failure.sentence(Reason(warning)))") }
      tellDenied(by: object, saved)
      return 1
    } catch let error as RPCError {
      guard let reason = Failure.refusal(in: error)?.reasons.first, reason.code == .confirmationRequired
      else {
        throw error
      }
      tell(line)
      tell("? \(object.kind.text) \(object.name): \(Failure.sentence(reason))")
      return 0
    }
  }

  /// Decision 5: what people of a domain that is denied hold stays, and whoever denies it is told.
  private func tellDenied(
    by object: Vestibule_Model_V1_ConfigurationObject, _ answer: Vestibule_Api_V1_PutResponse
  ) {
    guard object.kind == .domainList, answer.people > 0 else { return }
    tell(
      "! \(object.name): \(answer.people) who hold or ask for something are denied by it; "
        + "`vestibule person denied` lists them")
  }

  private func put(_ subject: Vestibule_Model_V1_Subject, _ token: String) async throws -> Int {
    let now = try await orNil {
      try await connection.subjects.get(
        .with {
          $0.tenant = subject.tenant
          $0.id = subject.id
        }, metadata: .bearer(token))
    }
    if let now, now.hasSameContent(as: subject) { return 0 }
    tell("\(now == nil ? "+" : "~") subject \(subject.title)")
    if !isDryRun {
      do {
        _ = try await connection.subjects.put(.with { $0.subject = subject }, metadata: .bearer(token))
      } catch let error as RPCError {
        throw Failure.file(subject.title, Failure.text(of: error))
      }
    }
    return 1
  }

  private func stored(
    _ object: Vestibule_Model_V1_ConfigurationObject, _ token: String
  ) async throws -> Vestibule_Model_V1_ConfigurationObject? {
    try await orNil {
      try await connection.configuration.get(
        .with {
          $0.tenant = object.tenant
          $0.id = object.id
        }, metadata: .bearer(token))
    }
  }

  /// A dry run on a tenant that is not there yet finds nothing, and nobody who may look.
  private func orNil<Answer: Sendable>(_ body: () async throws -> Answer) async throws -> Answer? {
    do {
      return try await body()
    } catch let error as RPCError
      where error.code == .notFound || (isDryRun && error.code == .unauthenticated)
    {
      return nil
    }
  }
}

extension RPCError {
  /// Whether what is refused may be taken once other objects of the file are saved.
  fileprivate var mayPassLater: Bool {
    let reasons = Failure.refusal(in: self)?.reasons ?? []
    return !reasons.isEmpty && reasons.allSatisfy { $0.code == .unknownReference || $0.code == .inUse }
  }
}

extension Vestibule_Model_V1_ConfigurationObject {
  /// Whether it says the same, whatever its version, and whatever the service filled in itself.
  func hasSameContent(as other: Self) -> Bool {
    var (left, right) = (self, other)
    left.clearVersion()
    right.clearVersion()
    left.clearFilledIn()
    right.clearFilledIn()
    left.normalize()
    right.normalize()
    return left == right
  }

  mutating func clearFilledIn() {
    if case .resource(var resource) = object {
      resource.clearRefreshedAt()
      (resource.vanishedRoles, resource.refreshFailure) = ([], "")
      object = .resource(resource)
    }
    mapGroups { $0.originID = "" }
    if assignmentPolicy.hasApprovalException { assignmentPolicy.approvalException.clearSignature() }
    guard case .accessPackage(var package) = object else { return }
    for index in package.resourceRoles.indices {
      package.resourceRoles[index].originSystem = ""
      package.resourceRoles[index].originID = ""
      package.resourceRoles[index].kind = .notSpecified
    }
    package.attributes = []
    object = .accessPackage(package)
  }
}

extension Vestibule_Model_V1_Subject {
  func hasSameContent(as other: Self) -> Bool {
    name == other.name && email == other.email && shownName == other.shownName && kind == other.kind
      && Set(identities.map { [$0.issuer, $0.subject] })
        == Set(other.identities.map { [$0.issuer, $0.subject] })
      && (other.organization.isEmpty || organization == other.organization) && hasBar == other.hasBar
      && people == other.people
  }

  /// The service shows whoever has no display name by their address.
  private var shownName: String { displayName.isEmpty ? email : displayName }
}

extension [Vestibule_Model_V1_Subject] {
  /// In an order in which whoever is named by others is saved before them.
  fileprivate var namedFirst: [Vestibule_Model_V1_Subject] {
    let byID = Dictionary(map { ($0.id, $0) }) { first, _ in first }
    var (ordered, met) = ([Vestibule_Model_V1_Subject](), Set<String>())
    func visit(_ subject: Vestibule_Model_V1_Subject) {
      guard met.insert(subject.id).inserted else { return }
      for named in subject.people.compactMap({ byID[$0] }) { visit(named) }
      ordered.append(subject)
    }
    for subject in self { visit(subject) }
    return ordered
  }
}
