import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Which adoptions of a batch wait for a second administrator: a wrong column of ends would take from many people what
/// they have had all along.
struct AdoptionGuard {
  let people: [Int: Subject]
  let configuration: LoadedConfiguration
  let work: Work

  /// - Returns: what waits, by the places of the submissions. What one caller asks for in one batch waits as one.
  func waiting(
    _ asked: [(index: Int, submission: Submission)], _ admission: Admission
  ) throws -> [Int: PendingConfirmation] {
    var waiting: [Int: PendingConfirmation] = [:]
    let callers = Dictionary(grouping: asked.filter { isLoss($0.submission) && people[$0.index] != nil }) {
      [$0.submission.tenant.text, $0.submission.principal.issuer, $0.submission.principal.externalSubject]
    }
    for items in callers.values.sorted(by: { $0[0].index < $1[0].index }) {
      let first = items[0].submission
      let adoptions = items.compactMap { adoption($0.submission, of: people[$0.index]) }
      let effect = GuardedEffect(
        object: first.accessPackage, objectVersion: 0, people: Set(items.compactMap { people[$0.index]?.id }))
      let confirmation = try MassChangeGuard(work: work, tenant: first.tenant, principal: first.principal)
        .admit(.with { $0.adoptGuests.adoptions = adoptions }, effect, admission)
      if let confirmation { for item in items { waiting[item.index] = confirmation } }
    }
    return waiting
  }

  /// The end that it asks for, else that of the policy that it names.
  private func isLoss(_ submission: Submission) -> Bool {
    guard submission.adoptsGuest, submission.asker == .administrator else { return false }
    let policies = configuration.tenants[submission.tenant]?.policies
    let policy = submission.assignmentPolicy.flatMap { policies?[$0] }
    return MassChange.isLoss(
      adoptedUntil: end(of: submission) ?? policy?.term.end(from: work.now), at: work.now)
  }

  private func end(of submission: Submission) -> Date? {
    submission.end?.instant(in: configuration.tenants[submission.tenant]?.timeZone ?? .gmt)
  }

  private func adoption(
    _ submission: Submission, of person: Subject?
  ) -> Vestibule_Model_V1_GuardedChange.Adoption? {
    guard let person else { return nil }
    return .with {
      ($0.targetSubject, $0.accessPackage) = (person.id.text, submission.accessPackage.text)
      $0.assignmentPolicy = submission.assignmentPolicy?.text ?? ""
      $0.justification = submission.justification
      if let start = submission.startsAt { $0.schedule.startDateTime = .init(start) }
      if let chosen = end(of: submission) { $0.schedule.endDateTime = .init(chosen) }
      $0.answers = submission.answers.map { Vestibule_Model_V1_Answer($0) }
    }
  }
}

extension Submission {
  /// An adoption that waited, in the name of whoever confirmed it.
  init(
    _ adoption: Vestibule_Model_V1_GuardedChange.Adoption, tenant: UUID, principal: Principal
  ) throws(ContractError) {
    let schedule = adoption.schedule
    self.init(
      principal: principal, tenant: tenant,
      accessPackage: try Field.id(adoption.accessPackage, at: "access_package"),
      assignmentPolicy: try Field.optionalID(adoption.assignmentPolicy, at: "assignment_policy"),
      targetSubject: try Field.id(adoption.targetSubject, at: "target_subject"),
      justification: adoption.justification,
      answers: try QuestionAnswer.each(adoption.answers, at: "answers"),
      startsAt: try Field.optionalInstant(
        schedule.hasStartDateTime ? schedule.startDateTime : nil, at: "schedule.start_date_time"),
      end: try ChosenEnd(schedule, at: "schedule"),
      adoptsGuest: true)
  }
}
