import Contracts
import EntitlementModel
import Foundation

/// The names of `deploy/contoso.yaml` as ids, and the file itself.
struct SampleTenant: Sendable {
  static let contoso = SampleTenant(name: "contoso")

  let name: String
  var id: UUID { UUID(namedBy: ["tenant", name]) }
  /// Needs the sponsor's approval; two roles.
  var phoenix: UUID { package("project-phoenix") }
  /// Needs no approval; one role.
  var workshop: UUID { package("workshop") }

  func package(_ name: String) -> UUID { UUID(namedBy: [id.text, "accessPackage", name]) }

  static let file = deploy.appending(path: "contoso.yaml")
  /// More of the same tenant: what policies can ask for.
  static let policies = deploy.appending(path: "policies.yaml")

  /// A third: organizations, whose ends no other tests notice.
  static let organizations = deploy.appending(path: "organizations.yaml")

  /// A tenant of its own, with a privileged resource.
  static let guards = deploy.appending(path: "guards.yaml")

  private static let deploy = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "deploy")
}
