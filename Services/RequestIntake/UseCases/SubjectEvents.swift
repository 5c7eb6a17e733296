import Contracts
import EntitlementModel
import Messaging
import Protocols

/// Tells what people are now.
struct SubjectEvents {
  let epoch: Int
  let work: Work

  func tell(_ subject: Subject) throws {
    var body = Vestibule_Events_V1_SubjectEvent()
    body.subject = Vestibule_Model_V1_Subject(subject, epoch: epoch)
    try work.tell(.subjectChanged, subject.id, tenant: subject.tenant, number: subject.version, body)
  }
}
