import EntitlementModel
import Foundation
import Identity
import Postgres

/// Says whether somebody may have a package, and every reason why not (decision 8), without asking for it.
struct ExplainEligibility: Sendable {
  let store: ConfigurationStore

  struct Explanation: Sendable {
    /// The policy that a request would be made under, or why there is none.
    let verdict: Result<UUID, Refusal>
    /// What each policy says, for those who may read the catalog.
    let policies: [(policy: UUID, reasons: [Reason])]
  }

  func callAsFunction(_ asked: Submission, on connection: Connection, at now: Date) throws -> Explanation {
    let configuration = try store.load([asked.tenant], on: connection)
    guard asked.principal.tenant == asked.tenant,
      let catalog = configuration.tenants[asked.tenant]?.catalog(of: asked.accessPackage)
    else { throw Refusal.notFound }
    let facts = AuthorizationFacts(tenant: asked.tenant)
    if asked.isForSomebodyElse {
      try Authorization.require(asked.principal, .manageAssignments(catalog: catalog), facts)
    }
    var asked = asked
    asked.asker = asked.isForSomebodyElse ? .administrator : .oneself
    let eligibility = try Self.eligibility(of: asked, configuration, on: connection, at: now)
    let verdict = eligibility.judge(at: now).map(\.id)
    let mayRead = Authorization.decide(asked.principal, .readCatalog(catalog), facts) == .allow
    return Explanation(verdict: verdict, policies: mayRead ? eligibility.byPolicy(at: now) : [])
  }

  /// Whoever has never been here is judged as the one who would come.
  static func eligibility(
    of asked: Submission, _ configuration: LoadedConfiguration, on connection: Connection, at now: Date
  ) throws -> Eligibility {
    let known = asked.targetSubject ?? asked.principal.subject
    let stored = try known.flatMap {
      let table = SubjectTable(connection: connection)
      return try table.survivors(of: table.find([$0], tenants: [asked.tenant]))[$0]
    }
    if known != nil, stored == nil { throw Refusal.notFound }
    let judgement = try SubmissionJudgement(
      items: [asked], people: [0: stored ?? Subject(signedIn: asked, id: UUID())],
      configuration: configuration, table: RequestTable(connection: connection), now: now)
    return try judgement.eligibility(0)
  }
}

extension Eligibility {
  /// What would be said if it were named, in the order of ids.
  fileprivate func byPolicy(at now: Date) -> [(policy: UUID, reasons: [Reason])] {
    policies.sorted { $0.id < $1.id }.map { policy in
      var named = self
      named.chosenPolicy = policy.id
      switch named.judge(at: now) {
      case .success: return (policy.id, [])
      case .failure(let refusal): return (policy.id, refusal.reasons)
      }
    }
  }
}
