import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// Makes the organizations known whose first people ask (decision 4). The tenant's row is taken, so that of any number
/// at once one makes it, and the others find it.
struct ProposeOrganizations {
  let work: Work

  /// An unknown organization of a tenant, and the address of whoever asks.
  struct Unknown: Hashable {
    let tenant: UUID
    let source: IdentitySource
  }

  /// - Parameter wanted: with the address of one of its people each, to be shown to administrators.
  /// - Returns: the organizations, with what was written or found of them; none for one that has ended.
  func callAsFunction(
    _ wanted: [Unknown: String], epoch: Int
  ) throws -> (ids: [Unknown: UUID], entries: [UUID: [ConfigurationEntry]]) {
    var (ids, entries): ([Unknown: UUID], [UUID: [ConfigurationEntry]]) = ([:], [:])
    let table = ConfigurationTable(connection: work.connection)
    for (tenant, unknown) in Dictionary(grouping: wanted.keys, by: \.tenant).sorted(by: { $0.key < $1.key }) {
      guard try table.lock(tenant) else { continue }
      let known = try IdentitySourceTable(connection: work.connection).organizations(
        of: unknown.map(\.source.key), tenant: tenant)
      for item in unknown.sorted(by: { $0.source.key < $1.source.key }) {
        let entry =
          try known[item.source.key].flatMap { try table.find($0, tenant: tenant, epoch: epoch) }
          ?? propose(item, address: wanted[item] ?? "", epoch)
        if entry.object.connectedOrganization.state != .ended { ids[item] = entry.id }
        entries[tenant, default: []].append(entry)
      }
    }
    return (ids, entries)
  }

  private func propose(_ item: Unknown, address: String, _ epoch: Int) throws -> ConfigurationEntry {
    let id = work.newID()
    var object = Vestibule_Model_V1_ConfigurationObject()
    (object.id, object.tenant, object.name) = (id.text, item.tenant.text, "proposed-\(id.text.suffix(12))")
    object.connectedOrganization = .with {
      $0.displayName = item.source.displayName(address: address)
      $0.description_p = "Asked for access first: \(address)"
      $0.state = .proposed
      $0.identitySources = [Vestibule_Model_V1_IdentitySource(item.source)]
      $0.proposedAt = Google_Protobuf_Timestamp(work.now)
    }
    let saved = try ConfigurationChange(
      tenant: item.tenant, epoch: epoch, initiator: .system, work: work
    ).save(object, id: id, after: nil)
    return try ConfigurationEntry(id: id, object: saved)
  }
}

extension IdentitySource {
  /// What administrators see: an address says more than an issuer's id of the organization.
  fileprivate func displayName(address: String) -> String {
    switch self {
    case .issuer(let issuer): DomainName(email: address)?.text ?? String(issuer.prefix(Limits.displayName))
    case .domain(let name, includeSubdomains: _): name.text
    }
  }
}
