import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// The chains of a tenant that a command is about: one a service.
struct AuditChains: ParsableArguments {
  @Option(help: "The tenant, by name.") var tenant: String
  @Option(help: "One service: request-intake, approval, provisioning or expiry; all without it.")
  var service: String?
  @OptionGroup var address: SystemAddress

  func validate() throws {
    if let service, ServiceName(rawValue: service) == nil {
      throw ValidationError("there is no service \(service)")
    }
  }

  /// Calls `body` with every chosen service's, one after the other.
  func each<Result: Sendable>(
    _ body: @Sendable (ServiceName, AuditChain) async throws -> Result
  ) async throws -> [Result] {
    try await walk(ServiceName.allCases.filter { service == nil || service == $0.rawValue }, body)
  }

  /// What the services have seen of each other's chains.
  func witnessed() async throws -> [Vestibule_Model_V1_AuditHead] {
    try await walk(ServiceName.allCases) { _, chain in try await chain.witnessed() }.flatMap(\.self)
  }

  private func walk<Result: Sendable>(
    _ services: [ServiceName], _ body: @Sendable (ServiceName, AuditChain) async throws -> Result
  ) async throws -> [Result] {
    var results: [Result] = []
    let token = try Tokens(address: address).administering(tenant)
    for name in services {
      let variable = name.rawValue.uppercased().replacing("-", with: "_")
      let url = try address.value("VESTIBULE_\(variable)_GRPC_URL")
      results.append(
        try await withServiceConnection(url) { connection in
          let chain = AuditChain(
            tenant: ObjectNames.tenantID(tenant), connection: connection, token: token)
          return try await body(name, chain)
        })
    }
    return results
  }

  /// `service:position:hash`, as `verify` prints it.
  static func head(_ text: String) -> Vestibule_Model_V1_AuditHead? {
    let parts = text.split(separator: ":").map(String.init)
    guard parts.count == 3, ServiceName(rawValue: parts[0]) != nil, let position = Int64(parts[1]),
      let hash = bytes(parts[2])
    else { return nil }
    return .with { ($0.service, $0.position, $0.hash) = (parts[0], position, hash) }
  }

  private static func bytes(_ digits: String) -> Data? {
    guard digits.count == 64 else { return nil }
    var bytes = Data()
    var rest = digits[...]
    while !rest.isEmpty {
      guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}

/// One service's chain of a tenant, read page by page.
struct AuditChain: Sendable {
  let tenant: UUID
  let connection: ServiceConnection
  let token: String

  func walk(
    _ wanted: Vestibule_Api_V1_ListAuditRequest = .init(),
    _ take: (Vestibule_Api_V1_ListAuditResponse) throws -> Void
  ) async throws {
    var request = wanted
    (request.tenant, request.limit) = (tenant.text, 1_000)
    repeat {
      let page = try await connection.audit.list(request, metadata: .bearer(token))
      try take(page)
      request.after = page.next
    } while request.after > 0
  }

  /// What its service has seen of the other chains.
  func witnessed() async throws -> [Vestibule_Model_V1_AuditHead] {
    try await connection.audit.witnessed(.with { $0.tenant = tenant.text }, metadata: .bearer(token)).heads
  }

  /// Verifies it and says what was found.
  func verified(
    _ service: ServiceName, passing known: [Vestibule_Model_V1_AuditHead]
  ) async throws -> AuditVerification {
    let first = try await connection.audit.list(
      .with { ($0.tenant, $0.limit) = (tenant.text, 1) }, metadata: .bearer(token))
    var verification = AuditVerification(service, after: first.pruned, passing: known)
    // What is sealed while it is walked has the head of the last page.
    var head = first.head
    var bar = ProgressBar(service.rawValue, of: Int(first.head.position - first.pruned.position))
    try await walk { page in
      for record in page.records { verification.take(record) }
      head = page.head
      bar.advance(to: verification.count)
    }
    bar.finish()
    verification.finish(at: head)
    say(service, verification, head)
    return verification
  }

  private func say(
    _ service: ServiceName, _ verification: AuditVerification, _ head: Vestibule_Model_V1_AuditHead
  ) {
    for finding in verification.findings { Terminal.say("\(service.rawValue): \(finding)") }
    let verdict = verification.findings.isEmpty ? "sound" : "NOT AS SEALED"
    var line = "\(service.rawValue): \(verdict), \(verification.count) entries"
    if verification.erased > 0 { line += ", the words of \(verification.erased) erased" }
    if head.position > 0 {
      line += ", head \(service.rawValue):\(head.position):\(AuditHash.text(head.hash))"
    }
    Terminal.say(line)
  }
}
