import Contracts
import EntitlementModel
import Messaging
import Protocols

/// `organization.ending`: notes that those who answer for an organization are told of its contract's end.
struct NoteContractEnds: Sendable {
  func callAsFunction(_ events: [Received<Vestibule_Events_V1_ConfigurationEvent>], _ work: Work) throws {
    let notices = try events.flatMap { event -> [Notice] in
      let organization = try ConnectedOrganization(event.body.object)
      guard let end = organization.contractEnd else { return [] }
      let members = try Field.ids(event.body.membersOfSponsorGroups, at: "members_of_sponsor_groups")
      return Set(organization.internalSponsors + organization.externalSponsors + members).map { sponsor in
        Notice(
          tenant: event.tenant, kind: .contractEndsIn30Days, about: organization.id, recipient: sponsor,
          moment: end,
          dueAt: end - .days(30))
      }
    }
    work.record(try NoticeTable(connection: work.connection).note(notices, work))
  }
}
