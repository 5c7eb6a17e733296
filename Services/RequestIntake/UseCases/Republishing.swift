import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Tells again what this service owns, so that readers that lost their copies are filled.
enum Republishing {
  static func all(_ store: ConfigurationStore) -> [Republisher] {
    [configuration, subjects, requests(store)]
  }

  private static let configuration = Republisher("configuration") { id, tenant, limit, work in
    let table = ConfigurationTable(connection: work.connection)
    let epoch = try work.connection.epoch()
    let page = try table.page(after: id, tenant: tenant, limit: limit, epoch: epoch)
    for entry in page {
      guard let type = entry.object.eventType.flatMap(EventType.init(rawValue:)),
        let tenant = UUID(text: entry.object.tenant)
      else { continue }
      var body = Vestibule_Events_V1_ConfigurationEvent()
      body.object = entry.object
      try work.tellAgain(type, entry.id, tenant: tenant, number: Int(entry.object.version.number), body)
    }
    return page.map(\.id)
  }

  private static let subjects = Republisher("subject") { id, tenant, limit, work in
    let epoch = try work.connection.epoch()
    let page = try SubjectTable(connection: work.connection).page(tenant: tenant, after: id, limit: limit)
    for subject in page { try SubjectEvents(epoch: epoch, work: work).tellAgain(subject) }
    return page.map(\.id)
  }

  private static func requests(_ store: ConfigurationStore) -> Republisher {
    Republisher("request") { id, tenant, limit, work in
      let page = try RequestTable(connection: work.connection).standingPage(
        after: id, tenant: tenant, limit: limit)
      let configuration = try store.load(Set(page.map(\.request.tenant)), on: work.connection)
      let events = RequestEvents(configuration: configuration, work: work)
      for stored in page {
        try events.tellAgain(stored.request.standingFact, of: stored.held.answered(stored.answers.answers))
      }
      return page.map(\.request.id)
    }
  }
}

extension AccessRequest {
  /// What readers act on while the request stands.
  fileprivate var standingFact: [Event] {
    switch state {
    case .pendingApproval: [.submitted]
    case .scheduled: [.scheduled]
    case .delivering, .partiallyDelivered, .delivered: [.approved]
    case .deliveryFailed, .denied, .canceled: []
    }
  }
}
