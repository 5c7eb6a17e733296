import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct AnswersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "answers",
    abstract: "What is answered to the questions of a live assignment's policy: shows it, and changes it.",
    discussion: "With a holder's own token in VESTIBULE_TOKEN it shows and changes what that person may.",
    subcommands: [Show.self, Edit.self], defaultSubcommand: Show.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the questions and the present answers.")
    @Argument(help: "The assignment, by id.") var assignment: String
    @Flag(help: "Also what was answered before, and by which request.") var history = false
    @OptionGroup var office: AnswersOffice

    func run() async throws {
      try await office.open { desk in
        for item in try await desk.answers(of: assignment) { Terminal.say(item.line) }
        guard history else { return }
        for request in try await desk.history(of: assignment) { Terminal.say(request.answersLine) }
      }
    }
  }

  struct Edit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Changes answers; where the policy says so, the change waits for approval.",
      discussion: "What is not named stays as it is.")
    @Argument(help: "The assignment, by id.") var assignment: String
    @Argument(help: "QUESTION=ANSWER; again for each further choice; QUESTION= for no answer.")
    var answers: [String] = []
    @Option(help: "Why.") var justification = ""
    @Option(help: "A key of your own: the same edit twice is then one.") var idempotencyKey = ""
    @OptionGroup var office: AnswersOffice

    func validate() throws {
      if answers.isEmpty { throw ValidationError("name what is to be answered: QUESTION=ANSWER") }
      for answer in answers where !answer.contains("=") {
        throw ValidationError("\(answer) is no answer: QUESTION=ANSWER is")
      }
    }

    func run() async throws {
      try await office.open { desk in
        let request = try await desk.update(
          assignment, try changed(from: try await desk.answers(of: assignment)), justification, idempotencyKey
        )
        Terminal.say("\(request.id)  \(request.state)")
      }
    }

    /// The whole set, as the service wants it.
    private func changed(
      from present: [Vestibule_Api_V1_AnsweredQuestion]
    ) throws -> [Vestibule_Model_V1_Answer] {
      var given = Dictionary(present.map { ($0.question.id, $0.values) }) { first, _ in first }
      for question in Set(answers.map { Pairs.split($0).name }) { given[question] = [] }
      for (question, value) in answers.map(Pairs.split) where !value.isEmpty {
        given[question, default: []].append(value)
      }
      return given.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { question, values in
        .with { ($0.question, $0.values) = (question, values) }
      }
    }
  }
}

/// The tenant whose assignments are meant, and where the system is.
struct AnswersOffice: ParsableArguments {
  @Option(help: "The tenant, by name.") var tenant: String
  @OptionGroup var address: SystemAddress

  func open(_ body: @Sendable (AnswersDesk) async throws -> Void) async throws {
    let url = try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL")
    let (token, id) = (try Tokens(address: address).administering(tenant), ObjectNames.tenantID(tenant))
    try await withServiceConnection(url) { connection in
      try await body(AnswersDesk(tenant: id, connection: connection, token: token))
    }
  }
}

/// What can be done about answers.
struct AnswersDesk: Sendable {
  let tenant: UUID
  let connection: ServiceConnection
  let token: String

  func answers(of assignment: String) async throws -> [Vestibule_Api_V1_AnsweredQuestion] {
    try await connection.requests.getAnswers(
      .with { ($0.tenant, $0.assignment) = (tenant.text, assignment) }, metadata: .bearer(token)
    ).questions
  }

  func update(
    _ assignment: String, _ answers: [Vestibule_Model_V1_Answer], _ justification: String, _ key: String
  ) async throws -> Vestibule_Model_V1_Request {
    try await connection.requests.updateAnswers(
      .with {
        ($0.tenant, $0.assignment, $0.answers) = (tenant.text, assignment, answers)
        ($0.justification, $0.idempotencyKey) = (justification, key)
      }, metadata: .bearer(token))
  }

  /// The requests that brought answers, oldest first.
  func history(of assignment: String) async throws -> [Vestibule_Model_V1_Request] {
    let origin = try await connection.requests.get(
      .with { ($0.tenant, $0.id) = (tenant.text, assignment) }, metadata: .bearer(token))
    var (found, list) = ([Vestibule_Model_V1_Request](), Vestibule_Api_V1_ListRequestsRequest())
    (list.tenant, list.targetSubject) = (tenant.text, origin.target.subject)
    (list.accessPackage, list.page.pageSize) = (origin.accessPackage, 1_000)
    repeat {
      let page = try await connection.requests.list(list, metadata: .bearer(token))
      found += page.requests
      list.page.pageToken = page.nextPageToken
    } while !list.page.pageToken.isEmpty
    return found.filter { $0.assignment == origin.id && $0.bringsAnswers }.sorted { $0.id < $1.id }
  }
}

extension Vestibule_Api_V1_AnsweredQuestion {
  fileprivate var line: String {
    let answer = values.isEmpty ? "–" : values.joined(separator: ", ")
    return "\(question.id)  \(question.text)  \(answer)\(isEditable ? "  editable" : "")"
  }
}

extension Vestibule_Model_V1_Request {
  fileprivate var bringsAnswers: Bool { id == assignment || update == .newAnswers || update == .newPolicy }

  fileprivate var answersLine: String {
    let answered = answers.map { "\($0.question)=\($0.values.joined(separator: ", "))" }
    return
      "\(createdAt.date.formatted(.iso8601))  \(id)  \(requestType)  \(state)  \(answered.joined(separator: "; "))"
  }
}
