package import EntitlementModel
import Foundation
package import Postgres

/// An approval as stored, with the epoch of the schema that owns it.
struct StoredApproval: Sendable {
  var approval: ApprovalProcess
  let epoch: Int
}

/// A state's name, as stored.
enum StateWord: String, Sendable, SQLValue {
  case pending, approved, denied, timedOut, canceled

  init(_ state: ApprovalProcess.State) {
    switch state {
    case .pending: self = .pending
    case .approved: self = .approved
    case .denied: self = .denied
    case .timedOut: self = .timedOut
    case .canceled: self = .canceled
    }
  }
}

extension ApprovalProcess.Capacity: SQLValue {}

extension StoredApproval: RowDecodable {
  init(_ row: inout Row) throws {
    let epoch = try row.next(Int.self)
    self.init(approval: try ApprovalProcess(&row), epoch: epoch)
  }
}

extension ApprovalProcess: RowDecodable {
  package init(_ row: inout Row) throws {
    let (id, tenant, version) = (try row.next(UUID.self), try row.next(UUID.self), try row.next(Int.self))
    let word = try row.next(StateWord.self)
    let target = Target(
      subject: try row.next(), email: try row.next(), displayName: try row.next(), isMember: try row.next())
    let (requestor, package, policy) = (
      try row.next(UUID.self), try row.next(UUID.self), try row.next(UUID.self)
    )
    let (organization, justification) = (try row.next(UUID?.self), try row.next(String.self))
    let (openedAt, expiresAt) = (try row.next(Date.self), try row.next(Date.self))
    self.init(
      id: id, tenant: tenant, version: version, state: try State(word, &row), target: target,
      requestor: requestor, accessPackage: package, assignmentPolicy: policy, organization: organization,
      justification: justification, openedAt: openedAt, expiresAt: expiresAt)
  }
}

extension ApprovalProcess.State {
  fileprivate init(_ word: StateWord, _ row: inout Row) throws {
    switch word {
    case .pending: self = .pending
    case .approved: self = .approved(try ApprovalProcess.Decision(.approve, &row))
    case .denied: self = .denied(try ApprovalProcess.Decision(.deny, &row))
    case .timedOut: self = .timedOut
    case .canceled: self = .canceled
    }
  }
}

extension ApprovalProcess.Decision {
  fileprivate init(_ verdict: ApprovalProcess.Verdict, _ row: inout Row) throws {
    self.init(
      verdict: verdict, by: try row.next(), capacity: try row.next(), justification: try row.next(),
      at: try row.next())
  }
}
