import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: what people answered stays right: they, or an administrator, change it while they hold the access.
  @Suite("Answers of live assignments") struct AnswersTests {
    private static let configuration = """
      tenant: { name: contoso, displayName: Contoso, timeZone: Europe/Berlin }
      accessPackages:
        - name: answered
          catalog: partner-collaboration
          displayName: Answered
          resourceRoles: [{ resource: design-archive, role: visitor }]
      assignmentPolicies:
        - name: answered-for-fabrikam
          accessPackage: answered
          displayName: Fabrikam's people, updates are approved
          allowedTargetScope: specificConnectedOrganizationUsers
          specificAllowedTargets: [fabrikam]
          expiration: { type: afterDuration, duration: P90D }
          questions:
            - id: project
              text: Which project?
              isRequired: true
              isAnswerEditable: true
              textInput: { isSingleLineQuestion: true }
            - id: employer
              text: Who employs you?
              isRequired: true
              textInput: { isSingleLineQuestion: true }
          requestApprovalSettings:
            isApprovalRequiredForUpdate: true
            stages:
              - durationBeforeAutomaticDenial: P14D
                primaryApprovers: [{ externalSponsors: {} }]
                fallbackPrimaryApprovers: [{ singleUser: { subject: grace } }]
      """

    @Test(
      "A change waits for the sponsor's yes and is then what is answered; an administrator's applies at once")
    func edits() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.policies)
      let file = running.system.options.directory.appending(path: "answers.yaml")
      try Self.configuration.write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
      #expect(try await running.vestibule("export", "--tenant", "contoso").contains("isAnswerEditable: true"))

      let (desk, person) = (running.desk, try await running.system.issuer.strangers(1)[0])
      let first = ["project": ["Spring"], "employer": ["Fabrikam"]]
      let asked = try await desk.submit(running.sample.package("answered"), by: person, answers: first)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }

      let moved = try await refusal {
        try await desk.updateAnswers(of: asked.id, to: first.merging(["employer": ["X"]]) { $1 }, by: person)
      }
      #expect(moved?.reasons.map(\.code) == [.answerNotEditable])
      let edit = try await desk.updateAnswers(
        of: asked.id, to: first.merging(["project": ["Summer"]]) { $1 }, by: person)
      #expect(edit.state == .pendingApproval)
      try await running.approve([edit.id])
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([edit.id], in: "delivered")
      }
      #expect(try await running.assignments([asked.id], in: "delivered") == 1)
      #expect(
        try await running.vestibule("answers", asked.id, "--tenant", "contoso")
          .contains("project  Which project?  Summer"))

      try await running.vestibule("answers", "edit", asked.id, "employer=Northwind", "--tenant", "contoso")
      try await eventually(within: .seconds(60)) {
        try await running.vestibule("answers", asked.id, "--tenant", "contoso").contains("?  Northwind")
      }
      let history = try await running.vestibule(
        "answers", "show", asked.id, "--history", "--tenant", "contoso")
      #expect(history.contains("project=Spring") && history.contains("adminUpdate"))
      try await running.comesToRest()
    }

    @Test(
      "What a resource needs is asked, written to the account, rewritten when it is edited, and goes in the end"
    )
    func attributes() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.policies)
      let exported = try await running.vestibule("export", "--tenant", "contoso")
      #expect(exported.contains("name: costCenter") && exported.contains("userDirectoryAttributeStore"))
      let (desk, reports) = (running.desk, running.sample.package("cost-reports"))
      let person = try await running.system.issuer.strangers(1)[0]

      let shown = try await desk.requirements(of: reports, for: person, languages: "de")
      #expect(
        shown.policies.first?.questions.map(\.text)
          == ["Für welche Kostenstelle arbeiten Sie?", "Who employs you?"])
      let silent = try await refusal { try await desk.submit(reports, by: person) }
      #expect(silent?.reasons.map(\.code) == [.answerRequired, .answerRequired])
      let answers = ["directory.costCenter": ["4711"], "directory.employer": ["Fabrikam"]]
      let asked = try await desk.submit(reports, by: person, answers: answers)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }
      #expect(try await written(asked, running) == ["costCenter=4711", "employer=Fabrikam"])

      // What is there and stays is not asked again.
      let again = try await desk.requirements(of: reports, for: person, languages: "")
      #expect(again.policies.first?.questions.map(\.id) == ["directory.costCenter"])
      #expect(again.policies.first?.existingAnswers.map(\.values) == [["4711"]])

      try running.fail("down")
      let edit = try await desk.updateAnswers(
        of: asked.id, to: answers.merging(["directory.costCenter": ["0815"]]) { $1 }, by: person)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.number(
          """
          SELECT count(*) FROM provisioning.assignment WHERE id = '\(asked.id)' AND state = 'delivered'
            AND attribute_failure = 'connectorUnavailable'
          """)
      }
      try running.fail(nil)
      try await eventually(within: .seconds(60)) {
        try await written(asked, running) == ["costCenter=0815", "employer=Fabrikam"]
      }
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([edit.id], in: "delivered")
      }

      try await desk.giveBack(asked.id, by: person)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.assignments([asked.id], in: "expired")
      }
      try await running.comesToRest()
      #expect(try await written(asked, running) == [])
    }

    private func written(_ request: Vestibule_Model_V1_Request, _ running: RunningSystem) async throws
      -> [String]
    {
      try await running.rows(
        """
        SELECT a.name || '=' || a.value FROM directory.attribute a
        JOIN directory."user" u ON (u.tenant, u.id) = (a.tenant, a."user")
        WHERE u.owner_mark = '\(request.target.subject)' ORDER BY 1
        """)
    }
  }
}
