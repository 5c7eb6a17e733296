import Contracts
import EntitlementModel
import Foundation
package import Protocols
import SwiftProtobuf

/// Walks one service's chain of a tenant from its beginning and says what is not as it was sealed.
package struct AuditVerification {
  package enum Finding: Sendable, Hashable {
    /// What the row says is not what was sealed in it.
    case tampered(Int64)
    /// The row fits in itself, but what follows was sealed after another one.
    case replaced(Int64)
    case missing(ClosedRange<Int64>)
    /// A row that was never sealed here.
    case inserted(Int64)
    /// A row that was sealed elsewhere in the chain.
    case moved(Int64, from: Int64)
    /// The words are not those that were committed to.
    case wordsTampered(Int64)
    /// The chain ends otherwise than the head says.
    case headDiffers(Int64)
    /// Rows at the beginning are gone, and the chain does not say that they were given up.
    case beginningUnaccounted(Int64)
  }

  private let service: ServiceName
  private var last: Link
  /// Rows since the last sound one whose own seal does not fit.
  private var broken: [Int64] = []
  /// How far the last sound row stands from where it was sealed.
  private var shift: Int64 = 0
  /// Where what is kept begins, until the chain has said so itself.
  private var unaccounted: Vestibule_Model_V1_AuditHead?
  private var awaited: [Int64: Set<Data>] = [:]
  package private(set) var findings: [Finding] = []
  package private(set) var count = 0
  /// Entries whose words were erased.
  package private(set) var erased = 0

  private struct Link {
    /// Where it was sealed.
    let position: Int64
    /// Where it stands.
    let stored: Int64
    let hash: Data
  }

  /// How far from where they stand rows are looked for.
  private static let reach: Int64 = 16

  /// - Parameters:
  ///   - pruned: the last row that is no longer kept.
  ///   - known: heads that were told before, which the chain must pass through.
  package init(
    _ service: ServiceName, after pruned: Vestibule_Model_V1_AuditHead,
    passing known: [Vestibule_Model_V1_AuditHead] = []
  ) {
    self.service = service
    unaccounted = pruned.position > 0 ? pruned : nil
    last = Link(position: pruned.position, stored: pruned.position, hash: pruned.hash)
    for head in known where head.position > pruned.position {
      awaited[head.position, default: []].insert(head.hash)
    }
  }

  /// Takes the next row, in the order of the positions.
  package mutating func take(_ record: Vestibule_Model_V1_AuditRecord) {
    count += 1
    checkWords(record)
    guard let sealed = place(of: record) else {
      broken.append(record.position)
      return
    }
    if let hashes = awaited.removeValue(forKey: sealed), hashes != [record.hash] {
      findings.append(.headDiffers(sealed))
    }
    if let beginning = unaccounted, record.entry.gives(up: beginning) { unaccounted = nil }
    link(record, sealedAt: sealed)
    guard sealed >= last.position else { return }
    last = Link(position: sealed, stored: record.position, hash: record.hash)
  }

  /// The chain has come to its end, which is to be this.
  package mutating func finish(at head: Vestibule_Model_V1_AuditHead) {
    if let unaccounted { findings.append(.beginningUnaccounted(unaccounted.position)) }
    var end = last.position
    if end > head.position { findings.append(.inserted(last.stored)) }
    if end == head.position, last.hash != head.hash { findings.append(.headDiffers(end)) }
    for position in broken {
      end += 1
      findings.append(end > head.position ? .inserted(position) : .tampered(position))
    }
    broken = []
    // Of several heads the farthest says where the chain ended.
    let farthest = max(head.position, awaited.keys.max() ?? 0)
    if end < farthest { findings.append(.missing(end + 1...farthest)) }
  }

  /// Where the row was sealed: the place that its own hash covers. Nil when its hash fits nowhere near.
  private func place(of record: Vestibule_Model_V1_AuditRecord) -> Int64? {
    let stands = record.position
    if fits(record, at: stands) { return stands }
    if shift != 0, fits(record, at: stands - shift) { return stands - shift }
    for distance in 1...Self.reach {
      for place in [stands - distance, stands + distance] where fits(record, at: place) { return place }
    }
    return nil
  }

  private func fits(_ record: Vestibule_Model_V1_AuditRecord, at position: Int64) -> Bool {
    AuditHash.of(record.entry, service: service, position: position, previous: record.previous) == record.hash
  }

  private mutating func link(_ record: Vestibule_Model_V1_AuditRecord, sealedAt place: Int64) {
    let between = place - last.position - 1
    if place <= last.position {
      noteOutOfOrder(record, place)
    } else if between == Int64(broken.count) {
      findings += broken.map(Finding.tampered)
      if between == 0, record.previous != last.hash { findings.append(.replaced(last.stored)) }
    } else if between == 0 {
      findings += broken.map(Finding.inserted)
    } else {
      findings += broken.map(Finding.tampered)
      findings.append(.missing(last.position + Int64(broken.count) + 1...place - 1))
    }
    broken = []
    let moved = record.position - place
    if moved != 0, moved != shift { findings.append(.moved(record.position, from: place)) }
    shift = moved
  }

  /// Two rows claim a place, or they stand in another order.
  private mutating func noteOutOfOrder(_ record: Vestibule_Model_V1_AuditRecord, _ place: Int64) {
    findings += broken.map(Finding.inserted)
    if place == last.position { findings.append(.inserted(last.stored)) }
    // It was missed where it belongs.
    findings = findings.flatMap { finding -> [Finding] in
      guard case .missing(let range) = finding, range.contains(place) else { return [finding] }
      return [(range.lowerBound, place - 1), (place + 1, range.upperBound)].filter { $0.0 <= $0.1 }
        .map { .missing($0.0...$0.1) }
    }
  }

  private mutating func checkWords(_ record: Vestibule_Model_V1_AuditRecord) {
    guard !record.entry.commitment.isEmpty else {
      if record.hasWords { findings.append(.wordsTampered(record.position)) }
      return
    }
    guard record.hasWords else {
      erased += 1
      return
    }
    if AuditHash.commitment(salt: record.words.salt, words: record.words.text) != record.entry.commitment {
      findings.append(.wordsTampered(record.position))
    }
  }
}

extension AuditVerification.Finding: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tampered(let position): "position \(position) was changed: it does not say what was sealed"
    case .replaced(let position):
      "position \(position) was replaced: what follows was sealed after another row"
    case .missing(let range) where range.count == 1: "position \(range.lowerBound) is missing"
    case .missing(let range): "positions \(range.lowerBound) to \(range.upperBound) are missing"
    case .inserted(let position): "position \(position) was inserted: it was never sealed there"
    case .moved(let position, let from): "position \(position) holds the row that was sealed at \(from)"
    case .wordsTampered(let position): "position \(position): the words are not those that were committed to"
    case .headDiffers(let position): "position \(position) is not the row that the told head names"
    case .beginningUnaccounted(let position):
      "everything up to position \(position) is gone, and the chain does not say that it was given up"
    }
  }
}

extension Vestibule_Model_V1_AuditEntry {
  /// Whether it records that the chain was shortened up to there.
  fileprivate func gives(up beginning: Vestibule_Model_V1_AuditHead) -> Bool {
    action == AuditAction.auditPruned.rawValue
      && codes
        == AuditText.object([
          "position": "\(beginning.position)", "hash": AuditHash.text(beginning.hash),
        ])
  }
}
