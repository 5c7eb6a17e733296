import Contracts
import EntitlementModel
import GRPCCore
import GRPCProtobuf
import Protocols
import SwiftProtobuf

/// What the command line itself can not do.
enum Failure: Error {
  case interrupted
  case environmentMissing(String)
  case file(String, String)
  case unfinished(String)

  /// One sentence for whoever typed the command.
  static func text(of error: any Error) -> String {
    switch error {
    case Failure.interrupted: "interrupted"
    case Failure.environmentMissing(let name):
      "\(name) is not set, and there is no running system in --directory (start one with `vestibule up`)"
    case Failure.file(let path, let what): "\(path): \(what)"
    case Failure.unfinished(let what): what
    case let error as RPCError: text(of: error)
    case let refusal as Refusal: refusal.reasons.map(sentence).joined(separator: "\n  ")
    default: "\(error)"
    }
  }

  /// The reasons of a refused call.
  static func refusal(in error: RPCError) -> Refusal? {
    guard let status = try? error.unpackGoogleRPCStatus() else { return nil }
    for detail in status.details {
      if let packed = detail.any, let message = try? Vestibule_Model_V1_Refusal(unpackingAny: packed) {
        return Refusal(message)
      }
    }
    return nil
  }

  private static func text(of error: RPCError) -> String {
    guard let refusal = refusal(in: error) else { return "\(error.code): \(error.message)" }
    return refusal.reasons.map(sentence).joined(separator: "\n  ")
  }

  static func sentence(_ reason: Reason) -> String {
    var text = "\(reason.code.rawValue): \(reason.message)"
    if !reason.field.isEmpty { text += " (\(reason.field))" }
    if !reason.hint.isEmpty { text += " [\(reason.hint)]" }
    return text
  }
}
