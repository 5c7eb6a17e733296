import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Messaging
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// What people were told: shown to themselves, and to a tenant's administrators and assignment managers.
struct NoticesAPI: Vestibule_Api_V1_Notices.SimpleServiceProtocol {
  let transactor: Transactor

  func list(
    request: Vestibule_Api_V1_ListNoticesRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListNoticesResponse {
    let tenant = try Field.id(request.tenant, at: "tenant")
    let recipient = try Field.optionalID(request.recipient, at: "recipient")
    let about = try Field.optionalID(request.about, at: "about")
    let principal = try Principal.required()
    let isOwn = principal.tenant == tenant && (recipient.map(principal.isSubject) ?? false)
    if !isOwn { try DeadlinesAPI.requireReader(principal, of: tenant) }
    let page = try PageRequest<UUID>(request.page)
    let found = try await transactor.read(tenants: [tenant]) { connection in
      try NoticeTable(connection: connection)
        .page(tenant: tenant, recipient: recipient, about: about, after: page.after, limit: page.limit)
    }
    return .with {
      $0.notices = found.map(Vestibule_Api_V1_Notice.init)
      $0.nextPageToken = page.nextToken(after: found, \.id)
    }
  }
}

extension Vestibule_Api_V1_Notice {
  fileprivate init(_ told: ToldNotice) {
    self.init()
    (kind, about, recipient) = (told.notice.kind.rawValue, told.notice.about.text, told.notice.recipient.text)
    moment = Google_Protobuf_Timestamp(told.notice.moment)
    (dueAt, toldAt) = (Google_Protobuf_Timestamp(told.notice.dueAt), Google_Protobuf_Timestamp(told.toldAt))
  }
}
