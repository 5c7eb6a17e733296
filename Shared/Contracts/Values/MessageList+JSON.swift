import EntitlementModel
import Protocols
import SwiftProtobuf

/// Lists of messages as JSON, for columns: the names are those of the API.
extension [ApprovalProcess.Stage] {
  package init(json: String) throws {
    self = try Vestibule_Model_V1_ApprovalStageProgress.array(fromJSONString: json).map {
      try ApprovalProcess.Stage($0)
    }
  }

  package func json() throws -> String {
    try Vestibule_Model_V1_ApprovalStageProgress.jsonString(
      from: map(Vestibule_Model_V1_ApprovalStageProgress.init))
  }
}

extension [QuestionAnswer] {
  package init(json: String) throws {
    self = try Vestibule_Model_V1_Answer.array(fromJSONString: json).map { QuestionAnswer($0) }
  }

  package func json() throws -> String {
    try Vestibule_Model_V1_Answer.jsonString(from: map(Vestibule_Model_V1_Answer.init))
  }
}
