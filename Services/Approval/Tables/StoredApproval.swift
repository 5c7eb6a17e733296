import Contracts
package import EntitlementModel
import Foundation
package import Postgres

/// An approval as stored, with the epoch of the schema that owns it.
struct StoredApproval: Sendable {
  var approval: ApprovalProcess
  let epoch: Int
}

extension ApprovalProcess.State: SQLValue {}
extension ApprovalProcess.Revocation.State: SQLValue {}

extension StoredApproval: RowDecodable {
  init(_ row: inout Row) throws {
    let epoch = try row.next(Int.self)
    self.init(approval: try ApprovalProcess(&row), epoch: epoch)
  }
}

extension ApprovalProcess: RowDecodable {
  package init(_ row: inout Row) throws {
    let (id, tenant, version) = (try row.next(UUID.self), try row.next(UUID.self), try row.next(Int.self))
    let state = try row.next(State.self)
    let target = Target(
      subject: try row.next(), email: try row.next(), displayName: try row.next(), isMember: try row.next())
    let (requestor, package, policy) = (
      try row.next(UUID.self), try row.next(UUID.self), try row.next(UUID.self)
    )
    self.init(
      id: id, tenant: tenant, version: version, state: state, target: target, requestor: requestor,
      accessPackage: package, assignmentPolicy: policy, organization: try row.next(),
      justification: try row.next(), answers: try [QuestionAnswer](json: try row.next(JSONB.self).text),
      openedAt: try row.next(), stages: try [Stage](json: try row.next(JSONB.self).text),
      revocation: try Revocation(&row))
  }
}

extension ApprovalProcess.Revocation {
  /// Nil for what nobody took back.
  fileprivate init?(_ row: inout Row) throws {
    let (by, justification) = (try row.next(UUID?.self), try row.next(String?.self))
    let (at, state) = (try row.next(Date?.self), try row.next(State?.self))
    guard let by, let justification, let at, let state else { return nil }
    self.init(by: by, justification: justification, at: at, state: state)
  }
}
