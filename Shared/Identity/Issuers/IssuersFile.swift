package import Foundation

/// The operator's issuers: the only ones that may carry the role `operator`, and no tenant's.
///
/// `{"issuers":[{"issuer":"…","audience":"vestibule","jwksFile":"…","subjectClaim":"sub"}]}`, or `jwksUrl`
package enum IssuersFile {
  /// What is wrong with the file, and where in it.
  package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    package let file: String
    package let field: String
    package let problem: String

    package var description: String { "\(file): \(field): \(problem)" }
  }

  /// - Parameter path: a relative `jwksFile` in it is meant from the file's own folder.
  package static func read(_ path: String) throws(Failure) -> [TrustedIssuer] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(file: path, field: "(file)", problem: "cannot be read")
    }
    return try parse(data, path: path)
  }

  package static func parse(_ data: Data, path: String) throws(Failure) -> [TrustedIssuer] {
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: data)
    } catch let error as DecodingError {
      throw Failure(file: path, field: error.fieldPath, problem: error.problem)
    } catch {
      throw Failure(file: path, field: "(file)", problem: "is not JSON")
    }
    var issuers: [TrustedIssuer] = []
    for (index, entry) in document.issuers.enumerated() {
      issuers.append(try entry.trusted(at: "issuers[\(index)]", path: path))
    }
    return issuers
  }

  private struct Document: Decodable {
    let issuers: [Entry]
  }

  private struct Entry: Decodable {
    let issuer: String
    let audience: String
    let jwksFile: String?
    let jwksUrl: String?
    let subjectClaim: String?

    func trusted(at field: String, path: String) throws(Failure) -> TrustedIssuer {
      func failure(_ name: String, _ problem: String) -> Failure {
        Failure(file: path, field: "\(field).\(name)", problem: problem)
      }
      if issuer.isEmpty { throw failure("issuer", "must not be empty") }
      if audience.isEmpty { throw failure("audience", "must not be empty") }
      guard let claim = TrustedIssuer.SubjectClaim(rawValue: subjectClaim ?? "sub") else {
        throw failure("subjectClaim", "must be sub or oid")
      }
      return TrustedIssuer(
        issuer: issuer, audience: audience, keySource: try source(path, failure), subjectClaim: claim,
        isOperator: true)
    }

    private func source(
      _ path: String, _ failure: (String, String) -> Failure
    ) throws(Failure) -> TrustedIssuer.KeySource {
      switch (jwksFile, jwksUrl) {
      case (let file?, nil):
        return .file(URL(filePath: file, relativeTo: URL(filePath: path)).path(percentEncoded: false))
      case (nil, let url?):
        guard URL(string: url)?.scheme == "https" else {
          throw failure("jwksUrl", "must begin with https://")
        }
        return .url(url)
      case (nil, nil), (.some, .some):
        throw failure("jwksFile", "name exactly one of jwksFile and jwksUrl")
      }
    }
  }
}

extension DecodingError {
  fileprivate var fieldPath: String {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      Self.path(context.codingPath)
    case .keyNotFound(let key, let context):
      Self.path(context.codingPath + [key])
    @unknown default:
      "(file)"
    }
  }

  fileprivate var problem: String {
    switch self {
    case .typeMismatch: "is of another type than it should be"
    case .valueNotFound, .keyNotFound: "is missing"
    case .dataCorrupted: "is not JSON"
    @unknown default: "cannot be read"
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    guard !keys.isEmpty else { return "(file)" }
    return keys.reduce(into: "") { path, key in
      path += key.intValue.map { "[\($0)]" } ?? (path.isEmpty ? "" : ".") + key.stringValue
    }
  }
}
