package import GRPCCore
package import Messaging
package import Postgres
package import ServiceLifecycle

/// The menu of a service: what it is made of. The runtime does the rest.
package protocol VestibuleService: Sendable {
  static var name: ServiceName { get }
  /// The schema's whole history, oldest first.
  static var migrations: [Migration] { get }

  /// Connects nothing yet.
  init(_ resources: ServiceResources) throws

  /// Who its callers are.
  var principals: any PrincipalSource { get }
  var api: [any RegistrableRPCService] { get }
  @SubscriptionsBuilder var subscriptions: [Subscription] { get }
  /// What runs beside the API and the queue; a remote source of principals among it.
  var workers: [any Service] { get }
  /// Erases what it keeps of people beyond their ids.
  static var erase: ErasePersonalValues { get }
  /// What it needs beyond database and broker.
  var readiness: [ReadinessCheck] { get }
}

extension VestibuleService {
  package var workers: [any Service] { [] }
  package var readiness: [ReadinessCheck] { [] }
}
