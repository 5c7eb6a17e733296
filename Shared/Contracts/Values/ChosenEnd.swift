package import EntitlementModel
package import Foundation
package import Protocols
import SwiftProtobuf

/// The end that somebody chooses: an instant, or a day where the tenant is.
package enum ChosenEnd: Sendable, Hashable {
  case at(Date)
  case on(LocalDay)

  /// Nil where none is chosen.
  package init?(_ schedule: Vestibule_Model_V1_Schedule, at field: String) throws(ContractError) {
    let instant = try Field.optionalInstant(
      schedule.hasEndDateTime ? schedule.endDateTime : nil, at: "\(field).end_date_time")
    guard !schedule.endDate.isEmpty else {
      guard let instant else { return nil }
      self = .at(instant)
      return
    }
    guard instant == nil else {
      throw ContractError(
        .outOfRange, field: "\(field).end_date", expected: "an end_date_time or an end_date, not both")
    }
    guard let day = LocalDay(schedule.endDate) else {
      throw ContractError(.malformed, field: "\(field).end_date", expected: "a day such as 2027-01-31")
    }
    self = .on(day)
  }

  package func instant(in zone: TimeZone) -> Date {
    switch self {
    case .at(let instant): instant
    case .on(let day): day.end(in: zone)
    }
  }

  /// What tells it from other ends.
  package var text: String {
    switch self {
    case .at(let instant): "\(instant.microseconds)"
    case .on(let day): day.text
    }
  }
}
