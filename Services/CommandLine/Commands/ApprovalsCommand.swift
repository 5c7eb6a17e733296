import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct ApprovalsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approvals",
    abstract: "What waits for approval: where nobody can be found who decides, and what is done about it.",
    subcommands: [Routing.self, Reassign.self, Decide.self])

  struct Routing: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists where nobody can be found who decides: how much waits, why, and what can be done.",
      discussion: "For the tenant's administrators; owners of catalogs see those of their catalogs.")
    @Flag(help: "Also what is resolved.") var all = false
    @Flag(help: "As JSON, with the names of the API.") var json = false
    @OptionGroup var office: ApprovalOffice

    func run() async throws {
      try await office.open { desk in
        let found = try await desk.routing(all: all)
        if json { return Terminal.say(try Vestibule_Model_V1_ApprovalRouting.jsonString(from: found)) }
        if found.isEmpty { return Terminal.say("somebody can be found for all that waits") }
        let names = try await desk.names()
        for item in found { Terminal.say(Self.text(of: item, names)) }
      }
    }

    private static func text(
      of item: Vestibule_Model_V1_ApprovalRouting, _ names: [String: String]
    ) -> String {
      let organization =
        item.organization.isEmpty ? "no organization" : names[item.organization] ?? item.organization
      let gaps = item.gaps.map { "stage \($0.stage): \($0.absences.joined(separator: ", "))" }
      return """
        \(item.id)  \(item.state)  \(names[item.assignmentPolicy] ?? item.assignmentPolicy), \(organization): \
        \(item.waiting) wait  \(gaps.joined(separator: "; "))
          can be done: \(item.actions.map { "\($0)" }.joined(separator: ", "))  goes to: \(item.routedTo)
        """
    }
  }

  struct Reassign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Names others to decide, in place of those whom the policies ask.",
      discussion: """
        For the tenant's administrators, and the owners of the catalogs. Nobody else decides the stage then; its time \
        runs on. Exit status 1 where one of the requests could not be reassigned.
        """)
    @OptionGroup var selection: ApprovalSelection
    @Option(
      name: .customLong("to"), parsing: .upToNextOption, help: "Who decides instead: addresses, or ids.")
    var approvers: [String]
    @Option(help: "Why; the request's history keeps it.") var reason: String
    @Option(help: "Only where this stage waits, from 1; without it whichever does.") var stage: Int32 = 0
    @OptionGroup var office: ApprovalOffice

    func run() async throws {
      try await office.open { desk in
        let requests = try await selection.requests(at: desk)
        let results = try await desk.reassign(requests, to: approvers, because: reason, stage: stage)
        for result in results { Terminal.say("\(result.id): \(Self.text(result))") }
        let refused = results.count(where: \.hasRefusal)
        if refused > 0 { throw Failure.unfinished("\(refused) of \(results.count) were not reassigned") }
      }
    }

    private static func text(_ result: Vestibule_Api_V1_ReassignResult) -> String {
      result.hasRefusal ? Failure.text(of: Refusal(result.refusal)) : "reassigned"
    }
  }

  struct Decide: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Approves or denies, as an approver, or as whoever answers for what waits for nobody.",
      discussion: """
        Whoever answers for a catalog denies what waits for nobody, and approves it only where the policy says \
        `administratorsMayDecide`. A request that takes several stages is decided in the one that --stage names; of an \
        --item it is the one that waits when the command looks. Needs VESTIBULE_TOKEN of somebody who is known as a \
        person.
        """)
    enum Verdict: String, CaseIterable, ExpressibleByArgument { case approve, deny }
    @Argument(help: "approve or deny.") var verdict: Verdict
    @OptionGroup var selection: ApprovalSelection
    @Option(help: "Why.") var reason = ""
    @Option(help: "The stage that you saw, from 1: no other is decided. Needed where there are several.")
    var stage: Int32 = 0
    @OptionGroup var office: ApprovalOffice

    func run() async throws {
      try await office.open { desk in
        var results: [Vestibule_Api_V1_DecideResult] = []
        for (seen, requests) in try await selection.requestsByStage(at: desk, seeing: stage) {
          results += try await desk.decide(
            requests, verdict == .approve ? .approve : .deny, because: reason, stage: seen)
        }
        for result in results {
          let text = result.hasRefusal ? Failure.text(of: Refusal(result.refusal)) : "decided"
          Terminal.say("\(result.id): \(text)")
        }
        let refused = results.count(where: \.hasRefusal)
        if refused > 0 { throw Failure.unfinished("\(refused) of \(results.count) were not decided") }
      }
    }
  }
}

/// Which requests are meant.
struct ApprovalSelection: ParsableArguments {
  @Argument(help: "The requests, by id.") var requests: [String] = []
  @Option(help: "All that waits for nobody in this one of `approvals routing`, by id, in place of requests.")
  var item: String?

  func validate() throws {
    if requests.isEmpty == (item == nil) { throw ValidationError("name the requests, or an --item of them") }
  }

  func requests(at desk: ApprovalDesk) async throws -> [String] {
    guard let item else { return requests }
    return try await desk.routed(item).map(\.id)
  }

  /// The same, with the stages in which they wait.
  ///
  /// - Parameter stage: the one that was said, if any; 0 for none.
  func requestsByStage(at desk: ApprovalDesk, seeing stage: Int32) async throws -> [(Int32, [String])] {
    guard let item, stage == 0 else { return [(stage, try await requests(at: desk))] }
    return Dictionary(grouping: try await desk.routed(item), by: \.stage).sorted { $0.key < $1.key }
      .map { ($0.key, $0.value.map(\.id)) }
  }
}

/// The tenant whose approvals are meant, and where the system is.
struct ApprovalOffice: ParsableArguments {
  @Option(help: "The tenant, by name.") var tenant: String
  @OptionGroup var address: SystemAddress

  func open(_ body: @Sendable (ApprovalDesk) async throws -> Void) async throws {
    let (intake, approval) = (
      try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL"), try address.value("VESTIBULE_APPROVAL_GRPC_URL")
    )
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    try await withServiceConnection(intake) { people in
      try await withServiceConnection(approval) { approvals in
        try await body(ApprovalDesk(tenant: id, people: people, approvals: approvals, token: token))
      }
    }
  }
}

/// What administrators do with approvals.
struct ApprovalDesk: Sendable {
  let tenant: UUID
  let people: ServiceConnection
  let approvals: ServiceConnection
  let token: String

  func routing(all: Bool) async throws -> [Vestibule_Model_V1_ApprovalRouting] {
    var (found, request) = (
      [Vestibule_Model_V1_ApprovalRouting](), Vestibule_Api_V1_ListRoutingRequest()
    )
    (request.tenant, request.all, request.page.pageSize) = (tenant.text, all, 1_000)
    repeat {
      let page = try await approvals.approvals.listRouting(request, metadata: .bearer(token))
      found += page.routing
      request.page.pageToken = page.nextPageToken
    } while !request.page.pageToken.isEmpty
    return found
  }

  /// The requests that wait for nobody in one of them.
  func routed(_ item: String) async throws -> [Vestibule_Model_V1_Approval] {
    var (found, request) = ([Vestibule_Model_V1_Approval](), Vestibule_Api_V1_ListRoutedRequest())
    (request.tenant, request.routing, request.page.pageSize) = (tenant.text, item, 1_000)
    repeat {
      let page = try await approvals.approvals.listRouted(request, metadata: .bearer(token))
      found += page.approvals
      request.page.pageToken = page.nextPageToken
    } while !request.page.pageToken.isEmpty
    return found
  }

  /// The names of policies and organizations, by id.
  func names() async throws -> [String: String] {
    let export = TenantExport(tenant: tenant, connection: people, token: token)
    let objects = try await export.list(.assignmentPolicy) + export.list(.connectedOrganization)
    return Dictionary(objects.map { ($0.id, $0.name) }) { first, _ in first }
  }

  func decide(
    _ requests: [String], _ verdict: Vestibule_Model_V1_ApprovalDecision.Verdict, because reason: String,
    stage: Int32
  ) async throws -> [Vestibule_Api_V1_DecideResult] {
    try await approvals.approvals.decideMany(
      .with {
        ($0.tenant, $0.ids, $0.verdict) = (tenant.text, requests, verdict)
        ($0.justification, $0.stage) = (reason, stage)
      }, metadata: .bearer(token)
    ).results
  }

  func reassign(
    _ requests: [String], to approvers: [String], because reason: String, stage: Int32
  ) async throws -> [Vestibule_Api_V1_ReassignResult] {
    let named = try await people.subjectIDs(of: approvers, proved: true, tenant: tenant, token: token)
    return try await approvals.approvals.reassign(
      .with {
        ($0.tenant, $0.ids, $0.approvers) = (tenant.text, requests, named)
        ($0.justification, $0.stage) = (reason, stage)
      }, metadata: .bearer(token)
    ).results
  }
}
