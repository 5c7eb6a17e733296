import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

/// Whether a request costs the same where much is configured: the same people's calls against a package with one policy,
/// and once it has 200 and its tenant 1,000 connected organizations, or as many as are asked for.
struct ManyPolicies {
  let workload: Workload
  let users: Int
  let policies: Int
  let run: String

  private var organizations: Int { 5 * policies }

  /// Seconds in which everybody has asked, with much configured over those with little.
  func ratio() async throws -> Double {
    let alone = try await median("single")
    try await configure()
    return try await median("many") / alone
  }

  private func median(_ name: String) async throws -> Double {
    var seconds: [Double] = []
    for number in 1...3 {
      let people = try await workload.people(users, name: "\(run)-\(name)-\(number)")
      seconds.append(try await workload.submissions(people.crowd))
    }
    return seconds.sorted()[1]
  }

  private func configure() async throws {
    Terminal.note("configuring \(policies) policies and \(organizations) organizations …\n")
    try await workload.configure((1..<organizations).map(organization) + (1..<policies).map(policy))
  }

  private func organization(_ number: Int) -> Vestibule_Model_V1_ConfigurationObject {
    object("connectedOrganization", "partner-\(number)") {
      $0.connectedOrganization = .with {
        ($0.displayName, $0.state) = ("Partner \(number)", .configured)
        $0.identitySources = [.with { $0.domain.domainName = "partner-\(number).example" }]
      }
    }
  }

  /// For one of them, as the first policy is for Fabrikam.
  private func policy(_ number: Int) -> Vestibule_Model_V1_ConfigurationObject {
    object("assignmentPolicy", "automatic-\(number)") {
      $0.assignmentPolicy = .with {
        $0.accessPackage = id("accessPackage", "automatic")
        $0.displayName = "The people of partner \(number), 180 days"
        $0.allowedTargetScope = .specificConnectedOrganizationUsers
        $0.specificAllowedTargets = [id("connectedOrganization", "partner-\(number)")]
        $0.expiration = .with { ($0.type, $0.duration) = (.afterDuration, "P180D") }
        $0.requestorSettings.enableTargetsToSelfAddAccess = true
      }
    }
  }

  private func object(
    _ kind: String, _ name: String, _ fill: (inout Vestibule_Model_V1_ConfigurationObject) -> Void
  ) -> Vestibule_Model_V1_ConfigurationObject {
    .with {
      ($0.id, $0.tenant, $0.name) = (id(kind, name), workload.tenant.id.text, name)
      fill(&$0)
    }
  }

  private func id(_ kind: String, _ name: String) -> String {
    ObjectNames(tenant: workload.tenant.id).id(kind, name)
  }
}
