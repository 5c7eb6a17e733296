import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// What delivery depends on besides the request: packages as they are now, and what may have been forbidden since
/// the request was judged.
struct DeliveryConditions {
  private let packages: [UUID: AccessPackage]
  private let organizations: [UUID: ConnectedOrganization]
  private let domainLists: [UUID: DomainList]
  private let barred: Set<UUID>
  private let now: Date

  /// - Parameter snapshots: what came with the events; what is new of it is kept.
  init(
    for requests: [AccessRequest], snapshots: [Vestibule_Events_V1_Snapshot], tenants: [UUID], _ work: Work,
    _ cache: ConfigurationCache
  ) throws {
    let copies = ConfigurationCopies(connection: work.connection, cache: cache)
    let wanted = Set(requests.map(\.accessPackage))
    let known = try copies.load(wanted.union(requests.compactMap(\.organization)))
    let objects = try copies.load(wanted, offering: snapshots)
    let news = objects.filter { known[$0] != $1 }.values
    try DirectoryResourceTable(connection: work.connection)
      .register(news.reduce(into: []) { $0.formUnion($1.directoryResources) })
    packages = try objects.mapValues { try AccessPackage($0) }
    organizations = try Dictionary(
      uniqueKeysWithValues: Set(requests.compactMap(\.organization)).compactMap { id in
        try known[id].map { (id, try ConnectedOrganization($0)) }
      })
    domainLists = try Self.domainLists(try copies.load(.domainList, of: tenants))
    barred = try SubjectTable(connection: work.connection)
      .barred(Set(requests.map(\.target.subject)), of: tenants, at: work.now)
    now = work.now
  }

  /// The package whose roles are to be granted, or why none will be.
  func package(for request: AccessRequest) -> Result<AccessPackage, Obstacle> {
    if let end = request.term.latestEnd, end <= now { return .failure(Obstacle(.endPassed)) }
    if barred.contains(request.target.subject) { return .failure(Obstacle(.subjectBarred)) }
    if !isDomainPermitted(request) { return .failure(Obstacle(.domainDenied)) }
    guard let package = packages[request.accessPackage] else { return .failure(Obstacle(.resourceMissing)) }
    return .success(package)
  }

  /// A package as it is now, whoever asks; nil for one that is gone.
  subscript(package: UUID) -> AccessPackage? { packages[package] }

  struct Obstacle: Error {
    let failure: Assignment.Failure

    init(_ failure: Assignment.Failure) {
      self.failure = failure
    }
  }

  private func isDomainPermitted(_ request: AccessRequest) -> Bool {
    guard !request.target.isMember, let list = domainLists[request.tenant] else { return true }
    let own = DomainName(email: request.target.email).map { [$0] } ?? []
    return list.permits(own + (request.organization.flatMap { organizations[$0]?.domains } ?? []))
  }

  private static func domainLists(
    _ objects: [Vestibule_Model_V1_ConfigurationObject]
  ) throws -> [UUID: DomainList] {
    var lists: [UUID: DomainList] = [:]
    for object in objects {
      if let tenant = UUID(text: object.tenant) { lists[tenant] = try DomainList(object) }
    }
    return lists
  }
}
