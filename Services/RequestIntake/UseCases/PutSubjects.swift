import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Stores people of one tenant, or their new states. Readers are told only what they act on: another address
/// or name, a bar.
struct PutSubjects: Sendable {
  typealias Answer = Result<Vestibule_Model_V1_Subject, Refusal>
  let store: ConfigurationStore

  func callAsFunction(
    _ items: [Vestibule_Model_V1_Subject], tenant: UUID, principal: Principal, _ work: Work,
    _ admission: Admission = .judged
  ) throws -> [Answer] {
    let loaded = try store.load([tenant], on: work.connection)
    guard let configuration = loaded.tenants[tenant] else { throw Refusal.notFound }
    let asked = items.map { item in
      Result { () throws(Refusal) in try Self.read(item, tenant: tenant, newID: work.newID()) }
    }
    var batch = try SubjectBatch(asked.compactMap { try? $0.get() }, tenant: tenant, configuration, work)
    let bars = batch.bars(asked.compactMap { try? $0.get() }, principal)
    let waiting = try BarGuard(work: work, tenant: tenant, principal: principal)
      .waiting(bars, items, admission)
    let answers = zip(items, asked).map { item, subject in
      Result { () throws(Refusal) in
        if let waiting, let id = try? subject.get().id, bars[id] != nil { throw waiting.refusal }
        return try batch.put(try subject.get(), version: item.hasVersion ? item.version : nil, principal)
      }
    }
    let foreign = try batch.save(epoch: loaded.epoch, by: principal.initiator)
    return answers.map { answer in
      answer.flatMap { subject in
        // Of another tenant's person nothing may be said.
        if foreign.contains(subject.id) { return .failure(.notFound) }
        return .success(Vestibule_Model_V1_Subject(subject, epoch: loaded.epoch))
      }
    }
  }

  private static func read(
    _ message: Vestibule_Model_V1_Subject, tenant: UUID, newID: UUID
  ) throws(Refusal) -> Subject {
    var message = message
    if message.id.isEmpty { message.id = newID.text }
    message.tenant = tenant.text
    do throws(ContractError) {
      _ = try Field.text(message.email, at: "email", limit: 320)
      _ = try Field.text(message.displayName, at: "display_name", limit: Limits.displayName)
      _ = try Field.text(message.name, at: "name", limit: 63)
      return try checked(try Subject(message))
    } catch {
      throw error.refusal
    }
  }

  private static func checked(_ subject: Subject) throws(ContractError) -> Subject {
    if subject.email.isEmpty, subject.identities.isEmpty {
      throw ContractError(.required, field: "email", expected: "an address, or an identity")
    }
    if !subject.email.isEmpty, DomainName(email: subject.email) == nil {
      throw ContractError(.malformed, field: "email", expected: "name@fabrikam.example")
    }
    var subject = subject
    if subject.displayName.isEmpty { subject.displayName = subject.email }
    return subject
  }
}
