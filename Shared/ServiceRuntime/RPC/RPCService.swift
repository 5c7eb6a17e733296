package import GRPCCore
import GRPCNIOTransportHTTP2
package import Logging
import ServiceLifecycle

/// The gRPC server of a service.
package struct RPCService: Service {
  private let server: GRPCServer<HTTP2ServerTransport.Posix>
  private let logger: Logger

  package init(
    address: ListenAddress, files: TransportFiles, api: [any RegistrableRPCService],
    principals: any PrincipalSource, metrics: MetricsRegistry, logger: Logger
  ) {
    self.init(
      address: address, files: files, api: api,
      interceptors: [
        MetricsInterceptor(metrics), ErrorInterceptor(logger: logger),
        AuthenticationInterceptor(principals: principals),
      ],
      logger: logger)
  }

  init(
    address: ListenAddress, files: TransportFiles, api: [any RegistrableRPCService],
    interceptors: [any ServerInterceptor], logger: Logger
  ) {
    let transport = HTTP2ServerTransport.Posix(
      address: address.isIPv6
        ? .ipv6(host: address.host, port: address.port) : .ipv4(host: address.host, port: address.port),
      transportSecurity: files.server, config: Self.configuration)
    server = GRPCServer(transport: transport, services: api, interceptors: interceptors)
    self.logger = logger
  }

  package func run() async throws {
    try await withGracefulShutdownHandler {
      try await server.serve()
    } onGracefulShutdown: {
      server.beginGracefulShutdown()
    }
  }

  /// The port it listens on, once it does.
  package var port: Int {
    get async throws {
      let address = try await server.transport.listeningAddress
      return address.ipv4?.port ?? address.ipv6?.port ?? 0
    }
  }

  /// A caller may have 1,000 calls in flight on a connection, a message 4 MiB; a silent connection is asked
  /// after a minute whether it is still there.
  private static let configuration: HTTP2ServerTransport.Posix.Config = .defaults { configuration in
    configuration.http2.maxConcurrentStreams = 1_000
    configuration.http2.targetWindowSize = 1 << 20
    configuration.rpc.maxRequestPayloadSize = 4 << 20
    configuration.connection.keepalive.time = .seconds(60)
    configuration.connection.keepalive.timeout = .seconds(20)
    configuration.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(10)
    configuration.connection.keepalive.clientBehavior.allowWithoutCalls = true
  }
}
