package import GRPCCore
import Synchronization

/// Counts calls by method and status, and how long they took. No method streams its answer, so that a call is
/// over when its method has returned.
package final class MetricsInterceptor: ServerInterceptor {
  private struct Call: Hashable {
    let method: MethodDescriptor
    let status: RPCError.Code?
  }

  private let registry: MetricsRegistry
  private let calls = Mutex<[Call: Counter]>([:])
  private let durations = Mutex<[MethodDescriptor: Histogram]>([:])

  package init(_ registry: MetricsRegistry) {
    self.registry = registry
  }

  @concurrent package func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next:
      @Sendable @concurrent (StreamingServerRequest<Input>, ServerContext) async throws ->
      StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let start = ContinuousClock.now
    do {
      let response = try await next(request, context)
      switch response.accepted {
      case .success: count(context.descriptor, status: nil, since: start)
      case .failure(let error): count(context.descriptor, status: error.code, since: start)
      }
      return response
    } catch {
      count(context.descriptor, status: (error as? RPCError)?.code ?? .unknown, since: start)
      throw error
    }
  }

  private func count(
    _ method: MethodDescriptor, status: RPCError.Code?, since start: ContinuousClock.Instant
  ) {
    counter(Call(method: method, status: status)).increment()
    histogram(method).observe(start.duration(to: .now))
  }

  private func counter(_ call: Call) -> Counter {
    calls.withLock { calls in
      if let known = calls[call] { return known }
      let counter = registry.counter(
        "vestibule_calls_total", help: "Calls that were answered, by method and status.",
        labels: [
          "method": call.method.fullyQualifiedMethod, "status": call.status.map { "\($0)" } ?? "ok",
        ])
      calls[call] = counter
      return counter
    }
  }

  private func histogram(_ method: MethodDescriptor) -> Histogram {
    durations.withLock { durations in
      if let known = durations[method] { return known }
      let histogram = registry.histogram(
        "vestibule_call_seconds", help: "How long a call took to be answered.",
        labels: ["method": method.fullyQualifiedMethod])
      durations[method] = histogram
      return histogram
    }
  }
}
