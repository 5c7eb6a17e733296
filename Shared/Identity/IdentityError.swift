/// Why a token does not say who its bearer is. Never holds the token, nor anything out of it.
package enum IdentityError: Error, Sendable, Equatable {
  case tokenMissing
  /// - Parameter String: which part is wrong.
  case tokenMalformed(String)
  case tokenExpired
  case tokenNotYetValid
  /// `none`, a shared secret, or an algorithm that the issuer's keys are not for.
  case algorithmRefused
  case signatureInvalid
  case issuerUnknown
  case audienceUnknown
  case keyUnknown
  case claimMissing(String)
  /// Its person was cut off after it was issued.
  case sessionEnded
  /// The issuer's keys cannot be had at the moment: worth another try.
  case keysUnavailable(String)

  /// Stable, for programs.
  package var code: String {
    switch self {
    case .tokenMissing: "tokenMissing"
    case .tokenMalformed: "tokenMalformed"
    case .tokenExpired: "tokenExpired"
    case .tokenNotYetValid: "tokenNotYetValid"
    case .algorithmRefused: "algorithmRefused"
    case .signatureInvalid: "signatureInvalid"
    case .issuerUnknown: "issuerUnknown"
    case .audienceUnknown: "audienceUnknown"
    case .keyUnknown: "keyUnknown"
    case .claimMissing: "claimMissing"
    case .sessionEnded: "sessionEnded"
    case .keysUnavailable: "keysUnavailable"
    }
  }

  /// Whether the same token may be accepted a little later.
  package var isRetryable: Bool {
    if case .keysUnavailable = self { true } else { false }
  }

  /// A sentence for developers.
  package var message: String {
    switch self {
    case .tokenMissing: "There is no bearer token."
    case .tokenMalformed(let part): "The bearer token is not a JSON Web Token: \(part)."
    case .tokenExpired: "The bearer token has expired."
    case .tokenNotYetValid: "The bearer token is not valid yet."
    case .algorithmRefused: "The bearer token's algorithm is not one of its issuer's keys'."
    case .signatureInvalid: "The bearer token's signature is wrong."
    case .issuerUnknown: "Nobody here trusts the bearer token's issuer."
    case .audienceUnknown: "The bearer token is meant for another audience."
    case .keyUnknown: "The bearer token's key is not one of its issuer's."
    case .claimMissing(let claim): "The bearer token has no usable claim «\(claim)»."
    case .sessionEnded: "This session was ended: sign in anew."
    case .keysUnavailable(let why): "The issuer's keys are not available: \(why)."
    }
  }
}
