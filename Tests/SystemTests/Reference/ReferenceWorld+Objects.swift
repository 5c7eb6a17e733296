import Contracts
import Foundation
import Protocols
import SwiftProtobuf

/// Bylaws as the messages that configure them.
extension ReferenceWorld {
  func objects(_ bylaws: Bylaws) -> [Vestibule_Model_V1_ConfigurationObject] {
    catalogs(bylaws) + resources + groups + [terms(bylaws)] + packages(bylaws) + organizations(bylaws)
      + policies(bylaws) + [
        object("domainList", "domains") {
          $0.domainList = .with {
            $0.mode = .deny
            $0.domains = bylaws.deniedDomains.sorted()
          }
        },
        object("lifecycleSettings", "lifecycle") { $0.lifecycleSettings = bylaws.idleGuests.message },
      ]
  }

  static let resources = ["files": "main", "tracker": "main", "vault": "side", "ledger": "side"]
  static let roles = ["reader", "writer"]

  private func catalogs(_ bylaws: Bylaws) -> [Vestibule_Model_V1_ConfigurationObject] {
    bylaws.catalogs.sorted { $0.key < $1.key }.map { name, catalog in
      object("catalog", name) {
        $0.catalog = .with {
          $0.displayName = name
          $0.state = catalog.isPublished ? .published : .unpublished
          $0.isExternallyVisible = catalog.isOpenOutside
        }
      }
    }
  }

  private var resources: [Vestibule_Model_V1_ConfigurationObject] {
    Self.resources.sorted { $0.key < $1.key }.map { name, catalog in
      object("resource", name) {
        $0.resource = .with {
          ($0.catalog, $0.displayName, $0.kind) = (id("catalog", catalog), name, .group)
          ($0.originSystem, $0.originID, $0.roles) = ("directory", name, Self.roles)
        }
      }
    }
  }

  static let groups = ["elders", "makers"]

  private var groups: [Vestibule_Model_V1_ConfigurationObject] {
    Self.groups.map { name in
      object("resource", name) {
        $0.resource = .with {
          ($0.catalog, $0.displayName, $0.kind) = (id("catalog", "main"), name, .group)
          ($0.originSystem, $0.originID, $0.roles) = ("directory", name, ["member", "owner"])
        }
      }
    }
  }

  private func terms(_ bylaws: Bylaws) -> Vestibule_Model_V1_ConfigurationObject {
    object("terms", "house") {
      $0.terms = .with {
        ($0.displayName, $0.version) = ("House rules", Int32(bylaws.terms))
        $0.text = "Rule number \(bylaws.terms)"
      }
    }
  }

  private func packages(_ bylaws: Bylaws) -> [Vestibule_Model_V1_ConfigurationObject] {
    bylaws.packages.sorted { $0.key < $1.key }.map { name, package in
      object("accessPackage", name) {
        $0.accessPackage = .with {
          ($0.catalog, $0.displayName) = (id("catalog", package.catalog), name)
          $0.resourceRoles = package.roles.sorted { ($0.resource, $0.role) < ($1.resource, $1.role) }.map {
            role in
            .with { ($0.resource, $0.role) = (id("resource", role.resource), role.role) }
          }
          $0.incompatibleAccessPackages = package.excludes.sorted { $0.key < $1.key }.map {
            other, exemptions in
            .with {
              $0.accessPackage = id("accessPackage", other)
              $0.exceptions = exemptions.map { exemption in
                .with {
                  ($0.subject, $0.reason) = (citizen(exemption.person).id, "Nobody else can")
                  $0.endDateTime = .init(exemption.end)
                }
              }
            }
          }
        }
      }
    }
  }

  private func organizations(_ bylaws: Bylaws) -> [Vestibule_Model_V1_ConfigurationObject] {
    bylaws.organizations.filter { $0.key != Bylaws.stranger }.sorted { $0.key < $1.key }.map {
      name, organization in
      object("connectedOrganization", name) {
        $0.connectedOrganization = .with {
          ($0.displayName, $0.state) = (name, organization.isEnded ? .ended : .configured)
          $0.identitySources = organization.domains.sorted().map { domain in
            .with { $0.domain = .with { $0.domainName = domain } }
          }
          $0.internalSponsors = organization.ourSponsors.sorted().map { citizen($0).id }
          $0.externalSponsors = organization.theirSponsors.sorted().map { citizen($0).id }
          $0.guestLimit = Int32(organization.guestLimit ?? 0)
        }
      }
    }
  }

  private func policies(_ bylaws: Bylaws) -> [Vestibule_Model_V1_ConfigurationObject] {
    bylaws.policies.sorted { $0.key < $1.key }.map { name, policy in
      object("assignmentPolicy", name) {
        $0.assignmentPolicy = .with {
          ($0.accessPackage, $0.displayName) = (id("accessPackage", policy.package), name)
          ($0.allowedTargetScope, $0.specificAllowedTargets) = audience(policy.audience)
          if case .group(let name) = policy.audience {
            $0.specificAllowedGroups = [.with { $0.group = id("resource", name) }]
          }
          if policy.demandsTerms { $0.terms = [id("terms", "house")] }
          $0.isDisabled = policy.isDisabled
          $0.expiration = policy.expiration
          $0.requestorSettings = .with {
            $0.enableTargetsToSelfAddAccess = policy.selfAdd
            $0.enableTargetsToSelfUpdateAccess = policy.selfExtend
            $0.enableTargetsToSelfRemoveAccess = policy.selfRemove
            $0.allowCustomAssignmentSchedule = policy.choosesDays
          }
          $0.requestApprovalSettings = .with {
            $0.isApprovalRequiredForAdd = policy.addNeedsApproval
            $0.isApprovalRequiredForUpdate = policy.extensionNeedsApproval
            $0.isRequestorJustificationRequired = policy.asksWhy
            $0.stages = policy.stages.map(stage)
          }
        }
      }
    }
  }

  private func audience(
    _ audience: Bylaws.Audience
  ) -> (Vestibule_Model_V1_AssignmentPolicy.AllowedTargetScope, [String]) {
    switch audience {
    case .nobody: (.notSpecified, [])
    case .group: (.specificDirectoryUsers, [])
    case .people(let people): (.specificDirectoryUsers, people.sorted().map { citizen($0).id })
    case .organizations(let names):
      (.specificConnectedOrganizationUsers, names.sorted().map { id("connectedOrganization", $0) })
    case .members: (.allMemberUsers, [])
    case .directory: (.allDirectoryUsers, [])
    case .configuredOrganizations: (.allConfiguredConnectedOrganizationUsers, [])
    case .everybodyOutside: (.allExternalUsers, [])
    }
  }

  private func stage(_ stage: Bylaws.Stage) -> Vestibule_Model_V1_ApprovalStage {
    .with {
      $0.durationBeforeAutomaticDenial = "PT\(Int(stage.seconds))S"
      $0.primaryApprovers = stage.asks.map { asked in
        .with {
          switch asked {
          case .person(let name): $0.singleUser = .with { $0.subject = citizen(name).id }
          case .group(let name): $0.groupMembers = .with { $0.group = id("resource", name) }
          case .ourSponsors: $0.internalSponsors = .init()
          case .theirSponsors: $0.externalSponsors = .init()
          }
        }
      }
      $0.fallbackPrimaryApprovers = stage.fallback.map { name in
        .with { $0.singleUser = .with { $0.subject = citizen(name).id } }
      }
      $0.approvalsRequired = Int32(stage.needed)
      $0.isApproverJustificationRequired = stage.reasonNeeded
    }
  }
}

extension Bylaws.Policy {
  fileprivate var expiration: Vestibule_Model_V1_Expiration {
    .with {
      if let seconds {
        ($0.type, $0.duration) = (.afterDuration, "PT\(Int(seconds))S")
      } else if let until {
        ($0.type, $0.endDateTime) = (.afterDateTime, .init(until))
      } else {
        $0.type = .noExpiration
      }
    }
  }
}

extension Bylaws.IdleGuests {
  fileprivate var message: Vestibule_Model_V1_LifecycleSettings {
    .with {
      switch self {
      case .stay: $0.externalUserLifecycleAction = .none
      case .blocked: $0.externalUserLifecycleAction = .blockSignIn
      case .blockedThenDeleted: $0.externalUserLifecycleAction = .blockSignInAndDelete
      case .deletedAtOnce: $0.externalUserLifecycleAction = .blockSignInAndDelete
      }
      $0.durationUntilExternalUserDeletedAfterBlocked = self == .deletedAtOnce ? "P0D" : "P30D"
    }
  }
}
