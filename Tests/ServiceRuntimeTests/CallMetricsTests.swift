import EntitlementModel
import GRPCCore
import Identity
import Logging
import Testing

@testable import ServiceRuntime

@Suite("What calls leave behind")
struct CallMetricsTests {
  @Test("Calls are counted by method and status, and timed")
  func counts() async throws {
    let registry = MetricsRegistry()
    let interceptors: [any ServerInterceptor] = [
      MetricsInterceptor(registry),
      ErrorInterceptor(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
      AuthenticationInterceptor(principals: NamedPrincipals()),
    ]
    try await withServer(EchoPrincipals(), interceptors: interceptors) { client, _ in
      for _ in 0..<3 { _ = try await resolve(client, token: "ada") }
      await #expect(throws: RPCError.self) { try await resolve(client, token: nil) }
    }
    let text = await registry.render()
    let method = #"method="vestibule.api.v1.Principals/Resolve""#
    #expect(text.contains("vestibule_calls_total{\(method),status=\"ok\"} 3"))
    #expect(text.contains("vestibule_calls_total{\(method),status=\"unauthenticated\"} 1"))
    #expect(text.contains("vestibule_call_seconds_count{\(method)} 4"))
  }
}
