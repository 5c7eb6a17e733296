// swift-tools-version: 6.1
import PackageDescription

/// Builds the two protoc plug-ins that `deploy/generate-contracts` uses, at the versions that the product links.
let package = Package(
  name: "protoc-plugins",
  dependencies: [
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", exact: "2.4.1"),
  ],
  targets: [
    .executableTarget(
      name: "Anchor", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      path: "Sources")
  ]
)
