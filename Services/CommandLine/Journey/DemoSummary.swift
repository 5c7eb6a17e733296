import EntitlementModel
import Foundation

/// What the databases say at the end of the main job.
struct DemoSummary: Sendable {
  var requestsDelivered = 0
  var assignmentsEnded = 0
  var phoenixEnded = 0
  var workshopEnded = 0
  var phoenixDelivered = 0
  var workshopDelivered = 0
  var guestsBlocked = 0
  var memberships = 0
  var zombies = 0

  static func read(_ inspection: Inspection, _ tenant: SampleTenant) async throws -> DemoSummary {
    let (phoenix, workshop) = (tenant.package("project-phoenix"), tenant.package("workshop"))
    var summary = DemoSummary()
    summary.phoenixDelivered = try await inspection.requests(phoenix, in: "delivered")
    summary.workshopDelivered = try await inspection.requests(workshop, in: "delivered")
    summary.requestsDelivered = summary.phoenixDelivered + summary.workshopDelivered
    summary.phoenixEnded = try await inspection.assignments(phoenix, in: "expired")
    summary.workshopEnded = try await inspection.assignments(workshop, in: "expired")
    summary.assignmentsEnded = summary.phoenixEnded + summary.workshopEnded
    summary.guestsBlocked = try await inspection.blockedGuests()
    summary.memberships = try await inspection.memberships()
    summary.zombies = try await inspection.zombies()
    return summary
  }

  /// What has come since; what must be zero stays absolute.
  func since(_ before: DemoSummary) -> DemoSummary {
    var delta = self
    delta.requestsDelivered -= before.requestsDelivered
    delta.assignmentsEnded -= before.assignmentsEnded
    delta.guestsBlocked -= before.guestsBlocked
    return delta
  }

  func text(_ memory: [(name: String, mebibytes: Int)]) -> String {
    let peaks = memory.map { "\($0.name) \($0.mebibytes) MiB" }.joined(separator: ", ")
    return """

      From the databases:
        requests delivered                         \(requestsDelivered)
        assignments ended                          \(assignmentsEnded)
        guests blocked, with a day of deletion     \(guestsBlocked)
        roles still held in the directory          \(memberships)
        guests without assignment or deletion day  \(zombies)
      Peak memory: \(peaks)
      """
  }
}
