import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Logging
import Messaging
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("The calls")
struct APITests {
  @Test("Of many at once each is answered at its place, good or bad")
  func submitMany() async throws {
    try await IntakeFixture.run { intake in
      let (manager, ann) = (
        intake.administrator([GrantedRole(role: .assignmentManager, catalog: intake.catalog)]),
        try await intake.person("ann")
      )
      let good = Vestibule_Api_V1_SubmitRequest.with {
        ($0.tenant, $0.accessPackage) = (intake.tenant.text, intake.package.text)
        $0.targetSubject = ann.subject?.text ?? ""
      }
      var (malformed, foreign) = (good, good)
      (malformed.accessPackage, foreign.tenant) = ("package", UUID().text)
      let items = [malformed, good, foreign, good]
      let stream = AsyncThrowingStream<Vestibule_Api_V1_SubmitRequest, any Error> { continuation in
        for item in items { continuation.yield(item) }
        continuation.finish()
      }
      let api = RequestsAPI(transactor: try intake.transactor(), store: intake.store)
      let response = try await intake.calling(as: manager) { context in
        try await api.submitMany(request: RPCAsyncSequence(wrapping: stream), context: context)
      }
      let codes = response.results.map { $0.refusal.reasons.map(\.code) }
      #expect(codes == [["malformed"], [], ["notFound"], ["openRequestExists"]])
      #expect(response.results[3].refusal.reasons.first?.hint == response.results[1].request)
    }
  }

  @Test("Another tenant's package, person and objects are not there")
  func otherTenant() async throws {
    try await IntakeFixture.run { intake in
      let other = IntakeFixture(sharing: intake)
      try await other.configure()
      let (ann, stranger) = (try await intake.person("ann"), try await other.person("stranger"))
      let codes = try await intake.submit([
        Submission(principal: ann, tenant: intake.tenant, accessPackage: other.package),
        Submission(principal: stranger, tenant: intake.tenant, accessPackage: intake.package),
        intake.submission(by: intake.administrator()) { $0.targetSubject = stranger.subject },
      ]).map(\.refusalCodes)
      #expect(codes == [[.notFound], [.notFound], [.notFound]])

      let api = try intake.configurationAPI()
      let taking = Vestibule_Api_V1_PutRequest.with {
        ($0.object.id, $0.object.tenant, $0.object.name) = (other.catalog.text, intake.tenant.text, "theirs")
        $0.object.catalog.displayName = "Theirs"
      }
      let refused = try await refusalCodes {
        try await intake.calling(as: intake.administrator()) { context in
          try await api.put(request: taking, context: context)
        }
      }
      #expect(refused == [.notFound])
    }
  }

  @Test("Everything that stands is told again, page by page")
  func republish() async throws {
    try await IntakeFixture.run { intake in
      _ = try await intake.submit(by: try await intake.person("ann"))
      var (position, published) = ("", Int64(0))
      repeat {
        let asked = Vestibule_Api_V1_RepublishRequest.with { $0.position = position }
        let api = OperationsAPI(
          transactor: try intake.transactor(), republishers: Republishing.all(intake.store)
        ) { try ConfigurationTable(connection: $0).tenants() }
        let answer = try await intake.calling(as: intake.operatorPrincipal) { context in
          try await api.republish(request: asked, context: context)
        }
        (position, published) = (answer.position, published + answer.published)
      } while !position.isEmpty
      #expect(published == 8)
      #expect(try await intake.told(.requestApproved) == 2)
      #expect(try await intake.told(.packageChanged) == 2)
      #expect(try await intake.told(.subjectChanged) == 1)
    }
  }
}

extension IntakeFixture {
  func calling<Answer>(
    as principal: Principal, _ call: (ServerContext) async throws -> Answer
  ) async throws -> Answer {
    let context = ServerContext(
      descriptor: MethodDescriptor(fullyQualifiedService: "test", method: "test"), remotePeer: "test",
      localPeer: "test", cancellation: .init())
    return try await CallContext.$current.withValue(
      CallContext(principal: principal, traceParent: nil, token: "")
    ) { try await call(context) }
  }

  func configurationAPI() throws -> ConfigurationAPI {
    let issuers = IssuerFollower(
      database: database, operators: [], developmentIssuer: nil, logger: Logger(label: "intake-tests"))
    let principals = LocalPrincipals(transactor: try transactor(), store: store, issuers: issuers)
    return ConfigurationAPI(transactor: try transactor(), store: store, principals: principals)
  }
}
