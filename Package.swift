// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6 mode (complete concurrency checking), warnings are errors, upcoming features on.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// Generated code is taken as the generators write it.
let generated: [SwiftSetting] = []

func shared(
  _ name: String, folder: String? = nil, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Shared/\(folder ?? name)",
    exclude: exclude + ["README.md"], resources: resources,
    swiftSettings: strict)
}

func service(_ name: String) -> Target {
  .executableTarget(
    name: name,
    dependencies: [
      "EntitlementModel", "Postgres", "Contracts", "Protocols", "Messaging", "Identity", "ServiceRuntime",
      grpc,
      grpcProtobuf, protobuf, lifecycle, configuration, logging,
    ], path: "Services/\(name)", exclude: ["README.md"], resources: [.embedInCode("Migrations")],
    swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: strict
  )
}

let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let grpc: Target.Dependency = .product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf: Target.Dependency = .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport: Target.Dependency = .product(
  name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let jwt: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yaml: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "vestibule",
  products: [
    .executable(name: "request-intake", targets: ["RequestIntake"]),
    .executable(name: "approval", targets: ["Approval"]),
    .executable(name: "provisioning", targets: ["Provisioning"]),
    .executable(name: "expiry", targets: ["Expiry"]),
    .executable(name: "vestibule", targets: ["CommandLineTool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: [
    // The C libraries, each imported by one Swift module alone.
    .systemLibrary(
      name: "CLibPQ", path: "Shared/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CRabbitMQ", path: "Shared/CRabbitMQ", pkgConfig: "librabbitmq",
      providers: [.apt(["librabbitmq-dev"])]),

    // Shared: imports point down this list only.
    shared("BlockingExecutor"),
    shared("Postgres", ["CLibPQ", "BlockingExecutor", logging]),
    shared("AMQP", ["CRabbitMQ", "BlockingExecutor", logging]),
    shared("EntitlementModel", folder: "Model", exclude: ["RULES.md"]),
    .target(
      name: "Protocols", dependencies: [protobuf, grpc, grpcProtobuf], path: "Shared/Contracts/Generated",
      swiftSettings: generated),
    shared("Contracts", ["EntitlementModel", "Protocols", protobuf], exclude: ["Protos", "Generated"]),
    shared(
      "Messaging",
      [
        "Postgres", "AMQP", "EntitlementModel", "Contracts", "Protocols", protobuf, crypto, logging,
        lifecycle,
      ],
      resources: [.embedInCode("Migrations")]),
    shared("Identity", ["EntitlementModel", "Contracts", jwt, httpClient, crypto, logging]),
    shared(
      "ServiceRuntime",
      [
        "Postgres", "AMQP", "EntitlementModel", "Contracts", "Protocols", "Messaging", "Identity", grpc,
        grpcProtobuf,
        grpcTransport, hummingbird, lifecycle, configuration, logging,
      ]),
    shared(
      "LocalSystem",
      [
        "Postgres", "AMQP", "Messaging", "Identity", "Contracts", "Protocols", hummingbird, logging, jwt,
        crypto,
      ]),

    // What a benchmark divides by: the same rows and messages in bare C.
    .target(name: "CFloor", dependencies: ["CLibPQ", "CRabbitMQ"], path: "Shared/CFloor"),

    // The services, one executable each; none imports another.
    service("RequestIntake"),
    service("Approval"),
    service("Provisioning"),
    service("Expiry"),
    .executableTarget(
      name: "CommandLineTool",
      dependencies: [
        "Postgres", "AMQP", "EntitlementModel", "Contracts", "Protocols", "Messaging", "Identity",
        "LocalSystem",
        "CFloor", arguments, yaml, grpc, grpcProtobuf, grpcTransport, protobuf, jwt, crypto, logging,
        lifecycle,
      ], path: "Services/CommandLine", exclude: ["README.md"], swiftSettings: strict),

    // Tests: one folder a target, real servers, a database and a virtual host each.
    .target(
      name: "TestSupport",
      dependencies: ["Postgres", "AMQP", "Messaging", "Identity", "Contracts", "LocalSystem", logging],
      path: "Tests/TestSupport", swiftSettings: strict),
    tests("PostgresTests", ["Postgres", "LocalSystem", "TestSupport", logging]),
    tests("AMQPTests", ["AMQP", "LocalSystem", "TestSupport", logging]),
    tests("ModelTests", ["EntitlementModel"]),
    tests("ContractsTests", ["Contracts", "Protocols", "EntitlementModel", protobuf]),
    tests(
      "MessagingTests",
      [
        "Messaging", "Postgres", "AMQP", "Contracts", "Protocols", "EntitlementModel", "LocalSystem",
        "TestSupport",
        protobuf, logging, lifecycle,
      ]),
    tests("IdentityTests", ["Identity", "EntitlementModel", "TestSupport", hummingbird, jwt]),
    tests("ServiceRuntimeTests", ["ServiceRuntime", "Identity", "TestSupport", configuration]),
    tests(
      "ServiceTests",
      [
        "RequestIntake", "Approval", "Provisioning", "Expiry", "ServiceRuntime", "Messaging", "Identity",
        "Contracts",
        "Protocols", "EntitlementModel", "Postgres", "AMQP", "TestSupport", protobuf, grpc,
      ]),
    tests(
      "CommandLineTests",
      ["CommandLineTool", "Contracts", "Protocols", "EntitlementModel", "TestSupport", protobuf, yaml]),
    tests(
      "SystemTests",
      [
        "LocalSystem", "TestSupport", "Contracts", "Protocols", "Postgres", "AMQP", "Messaging", "Identity",
        "EntitlementModel", grpc, grpcTransport, grpcProtobuf, protobuf, logging,
      ]),
  ],
  swiftLanguageModes: [.v6]
)
