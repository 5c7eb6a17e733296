import EntitlementModel
import Foundation
import Messaging

/// What connectors have answered.
extension Holdings {
  func answered(_ answer: AccountAnswer, guest: UUID, at connector: String) {
    switch answer {
    case .success(let answer): change(guest: guest) { $0.accountAnswered(answer, at: connector) }
    case .failure(let error) where error.isRetryable: break
    case .failure: change(guest: guest) { $0.accountAnswered(.failed, at: connector) }
    }
  }

  func answered(_ answer: RoleAnswer, role: Entitlement.ID, generation: Int, retryAt: Date) {
    change(role: role) { held in
      held.entitlement.answered(
        Entitlement.Answer(answer, retryAt: retryAt), generation: generation, at: work.now)
      if !held.entitlement.isPending { held.releasing = [] }
    }
  }

  func answered(_ answer: AttributeAnswer, attribute: AccountAttribute.ID, generation: Int, retryAt: Date) {
    change(attribute: attribute) {
      $0.answered(
        AccountAttribute.Answer(answer, retryAt: retryAt), generation: generation, at: work.now)
    }
  }

  /// Takes what was observed; whether the attribute has to be changed.
  func observed(_ asked: AskedAttribute, _ answer: AttributeAnswer) -> Bool {
    switch answer {
    case .success(let value):
      var mustChange = false
      change(attribute: asked.attribute) { mustChange = $0.found(value, generation: asked.generation) }
      return mustChange
    case .failure:
      answered(answer, attribute: asked.attribute, generation: asked.generation, retryAt: work.now)
      return false
    }
  }

  /// The connector is being asked; whether the role was there before is committed before it is changed.
  func attempt(_ role: Entitlement.ID, foundAtTarget: Bool? = nil) {
    change(role: role) { $0.entitlement.attempt(foundAtTarget: foundAtTarget) }
  }

  /// Nothing was ever there, so there is nothing to be revoked.
  func confirmAbsence(of held: HeldRole) {
    answered(.success(false), role: held.id, generation: held.entitlement.generation, retryAt: work.now)
  }

  var delivering: [Assignment] {
    assignments.current.values.filter { $0.state == .delivering || $0.state == .partiallyDelivered }
      .sorted { $0.id < $1.id }
  }

  /// Why a delivery can not succeed; nil while it still may.
  func failure(of assignment: Assignment) -> Assignment.Failure? {
    let guest = guests[assignment.target.subject]
    for role in roles(of: assignment.target.subject) where role.entitlement.claims.contains(assignment.id) {
      if role.entitlement.state == .failed {
        return role.entitlement.lastError.map(Assignment.Failure.init) ?? .connectorRefused
      }
      if guest?.account(at: role.entitlement.originSystem)?.state == .failed { return .connectorRefused }
    }
    return nil
  }
}

extension Entitlement.Answer {
  fileprivate init(_ answer: RoleAnswer, retryAt: Date) {
    switch answer {
    case .success(let wasThere): self = .done(wasThere: wasThere)
    case .failure(let error) where error.isRetryable: self = .retry(error: error.code, at: retryAt)
    case .failure(let error): self = .refused(error: error.code)
    }
  }
}

extension AccountAttribute.Answer {
  fileprivate init(_ answer: AttributeAnswer, retryAt: Date) {
    switch answer {
    case .success: self = .done
    case .failure(let error) where error.isRetryable: self = .retry(error: error.code, at: retryAt)
    case .failure(let error): self = .refused(error: error.code)
    }
  }
}

extension AccountAttribute {
  /// Nothing is wanted and nothing of ours is there: the row has no more to say.
  var isOver: Bool { claims.isEmpty && !isPending }

  /// Why it is not written; nil while nothing has gone wrong.
  var failure: Assignment.Failure? { lastError.map(Assignment.Failure.init) }
}
