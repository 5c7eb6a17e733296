import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Protocols
import SwiftProtobuf

/// Takes people and what they already have under governance, line by line; what was done before is not done again.
struct Adoption: Sendable {
  let tenant: UUID
  let connection: ServiceConnection
  let token: String
  let isDryRun: Bool

  private static let chunk = 500

  /// A line with everything that it names found.
  private struct Item: Sendable {
    let line: AdoptionFile.Line
    let organization: String
    let package: String
    let policy: String
    let end: Date?
    var subject = ""
  }

  /// - Returns: the results of all lines, in their order.
  func callAsFunction(
    _ file: AdoptionFile, window: (from: Period, to: Period)?, from start: Date
  ) async throws -> [AdoptionResult] {
    var results = file.faults
    var items = try await resolve(file.lines, window: window, from: start, &results)
    items = try await identify(items, &results)
    let before = try await adoptedBefore(Set(items.map(\.package)))
    let todo = items.filter { item in
      guard let request = before[item.package]?[item.subject] else { return true }
      results.append(AdoptionResult(item.line, .adoptedBefore, request))
      return false
    }
    if isDryRun {
      results += todo.map { AdoptionResult($0.line, .wouldAdopt, $0.end?.formatted(.iso8601) ?? "") }
    } else {
      results += try await submit(todo)
    }
    return results.sorted { $0.line < $1.line }
  }

  // MARK: - What the lines name

  private func resolve(
    _ lines: [AdoptionFile.Line], window: (from: Period, to: Period)?, from start: Date,
    _ results: inout [AdoptionResult]
  ) async throws -> [Item] {
    let names = try await AdoptionNames(TenantExport(tenant: tenant, connection: connection, token: token))
    let end = AdoptionEnd(window: window, start: start, timeZone: names.timeZone)
    return lines.compactMap { line in
      do throws(AdoptionEnd.Fault) {
        return Item(
          line: line, organization: try names.organization(line), package: try names.package(line),
          policy: try names.policy(line), end: try end(line))
      } catch {
        results.append(AdoptionResult(line, .refused, error.text))
        return nil
      }
    }
  }

  // MARK: - The people

  /// Finds the people by their addresses, and makes those whom the tenant does not know.
  private func identify(_ items: [Item], _ results: inout [AdoptionResult]) async throws -> [Item] {
    let known = try await people()
    var (found, new): ([Item], [String: Vestibule_Model_V1_Subject]) = ([], [:])
    for var item in items {
      let key = item.line.email.lowercased()
      var person = known[key] ?? new[key] ?? subject(item)
      if !person.organization.isEmpty, person.organization != item.organization {
        results.append(AdoptionResult(item.line, .refused, "this person is of another organization"))
        continue
      }
      if known[key] == nil || person.organization.isEmpty {
        person.organization = item.organization
        person.clearVersion()
        new[key] = person
      }
      item.subject = person.id
      found.append(item)
    }
    if isDryRun { return found }
    let refused = try await put(new.values.sorted { $0.id < $1.id })
    return found.filter { item in
      guard let reason = refused[item.subject] else { return true }
      results.append(AdoptionResult(item.line, .refused, reason))
      return false
    }
  }

  private func subject(_ item: Item) -> Vestibule_Model_V1_Subject {
    .with {
      $0.id = UUID(namedBy: [tenant.text, "adopted", item.line.email.lowercased()]).text
      ($0.tenant, $0.email, $0.organization) = (tenant.text, item.line.email, item.organization)
      $0.displayName = item.line.displayName.isEmpty ? item.line.email : item.line.displayName
    }
  }

  /// Everybody whom the tenant knows, by address; of several the one known longest.
  private func people() async throws -> [String: Vestibule_Model_V1_Subject] {
    var (found, request) = ([String: Vestibule_Model_V1_Subject](), Vestibule_Api_V1_ListSubjectsRequest())
    (request.tenant, request.page.pageSize) = (tenant.text, 1_000)
    repeat {
      let page = try await connection.subjects.list(request, metadata: .bearer(token))
      for subject in page.subjects where !subject.email.isEmpty && found[subject.email.lowercased()] == nil {
        found[subject.email.lowercased()] = subject
      }
      request.page.pageToken = page.nextPageToken
    } while !request.page.pageToken.isEmpty
    return found
  }

  /// - Returns: why somebody was not saved, by id.
  private func put(_ people: [Vestibule_Model_V1_Subject]) async throws -> [String: String] {
    guard !people.isEmpty else { return [:] }
    var refused: [String: String] = [:]
    var bar = ProgressBar("people", of: people.count)
    for start in stride(from: 0, to: people.count, by: Self.chunk) {
      let chunk = Array(people[start..<min(start + Self.chunk, people.count)])
      let answer = try await connection.subjects.putMany(metadata: .bearer(token)) { writer in
        for person in chunk { try await writer.write(.with { $0.subject = person }) }
      }
      for item in answer.refused {
        refused[chunk[Int(item.index)].id] = Failure.text(of: Refusal(item.refusal))
      }
      bar.advance(to: start + chunk.count)
    }
    bar.finish()
    return refused
  }

  // MARK: - Their access

  /// The adoptions that were granted before, by package and person.
  private func adoptedBefore(_ packages: Set<String>) async throws -> [String: [String: String]] {
    var found: [String: [String: String]] = [:]
    for package in packages.sorted() {
      var request = Vestibule_Api_V1_ListRequestsRequest()
      (request.tenant, request.accessPackage, request.all) = (tenant.text, package, true)
      request.page.pageSize = 1_000
      repeat {
        let page = try await connection.requests.list(request, metadata: .bearer(token))
        for known in page.requests where known.adoptsGuest && known.isGranted {
          found[package, default: [:]][known.target.subject] = known.id
        }
        request.page.pageToken = page.nextPageToken
      } while !request.page.pageToken.isEmpty
    }
    return found
  }

  private func submit(_ items: [Item]) async throws -> [AdoptionResult] {
    var results: [AdoptionResult] = []
    var bar = ProgressBar("assignments", of: items.count)
    for start in stride(from: 0, to: items.count, by: Self.chunk) {
      let chunk = Array(items[start..<min(start + Self.chunk, items.count)])
      let answer = try await connection.requests.submitMany(metadata: .bearer(token)) { writer in
        for item in chunk { try await writer.write(submission(item)) }
      }
      results += zip(chunk, answer.results).map { item, result in
        switch result.result {
        case .request(let id): AdoptionResult(item.line, .adopted, id)
        case .refusal(let refusal): AdoptionResult(item.line, .refused, Failure.text(of: Refusal(refusal)))
        case nil: AdoptionResult(item.line, .refused, "no answer")
        }
      }
      bar.advance(to: start + chunk.count)
    }
    bar.finish()
    return results
  }

  private func submission(_ item: Item) -> Vestibule_Api_V1_SubmitRequest {
    .with {
      ($0.tenant, $0.accessPackage, $0.assignmentPolicy) = (tenant.text, item.package, item.policy)
      ($0.targetSubject, $0.adoptsGuest, $0.justification) = (item.subject, true, "Adopted")
      if let end = item.end { $0.schedule.endDateTime = Google_Protobuf_Timestamp(end) }
    }
  }
}

extension Vestibule_Model_V1_Request {
  fileprivate var isGranted: Bool {
    switch state {
    case .scheduled, .delivering, .partiallyDelivered, .delivered: true
    case .submitted, .pendingApproval, .deliveryFailed, .denied, .canceled, .UNRECOGNIZED: false
    }
  }
}

/// The names that lines may use, as ids.
struct AdoptionNames {
  let timeZone: TimeZone
  private let organizations: [String: String]
  private let packages: [String: String]
  private let policies: [String: [String: String]]

  init(_ export: TenantExport) async throws {
    func ids(_ objects: [Vestibule_Model_V1_ConfigurationObject]) -> [String: String] {
      Dictionary(objects.map { ($0.name, $0.id) }) { first, _ in first }
    }
    organizations = ids(try await export.list(.connectedOrganization))
    packages = ids(try await export.list(.accessPackage))
    policies = Dictionary(
      grouping: try await export.list(.assignmentPolicy), by: \.assignmentPolicy.accessPackage
    )
    .mapValues(ids)
    let zone = try await export.list(.tenant).first?.tenantSettings.timeZone ?? ""
    timeZone = TimeZone(identifier: zone) ?? .gmt
  }

  func organization(_ line: AdoptionFile.Line) throws(AdoptionEnd.Fault) -> String {
    try find(line.organization, in: organizations, "organization")
  }

  func package(_ line: AdoptionFile.Line) throws(AdoptionEnd.Fault) -> String {
    try find(line.package, in: packages, "package")
  }

  /// Empty for the one that matches.
  func policy(_ line: AdoptionFile.Line) throws(AdoptionEnd.Fault) -> String {
    if line.policy.isEmpty { return "" }
    return try find(line.policy, in: policies[try package(line)] ?? [:], "policy of this package")
  }

  private func find(
    _ name: String, in known: [String: String], _ what: String
  ) throws(AdoptionEnd.Fault) -> String {
    if let id = known[name] { return id }
    let names = known.keys.sorted().prefix(10).joined(separator: ", ")
    throw AdoptionEnd.Fault(text: "there is no \(what) `\(name)`: \(names)")
  }
}
