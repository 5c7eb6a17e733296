import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

/// The end that somebody chooses for access.
struct EndOption: ParsableArguments {
  @Option(help: "When access ends: an instant, or a day, which means its end in the tenant's time zone.")
  var end: String?

  func validate() throws {
    if let end, LocalDay(end) == nil, (try? Date(end, strategy: .iso8601)) == nil {
      throw ValidationError("\(end) is no end: 2027-01-31 and 2027-01-31T16:00:00Z are")
    }
  }

  func put(in schedule: inout Vestibule_Model_V1_Schedule) throws {
    guard let end else { return }
    if LocalDay(end) != nil {
      schedule.endDate = end
    } else {
      schedule.endDateTime = .init(try Date(end, strategy: .iso8601))
    }
  }
}
