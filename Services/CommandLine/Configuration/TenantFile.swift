import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Yams

/// A tenant's configuration as a file: readable, by names, complete. `export` gives back what `apply` takes.
struct TenantFile {
  let tenantName: String
  let objects: [Vestibule_Model_V1_ConfigurationObject]
  let subjects: [Vestibule_Model_V1_Subject]

  var tenant: UUID { ObjectNames.tenantID(tenantName) }

  init(path: String, environment: [String: String]) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure.file(path, "can not be read")
    }
    let text = try YAMLText.substitute(
      String(decoding: data, as: UTF8.self), environment: environment, file: path)
    do {
      guard let node = try Yams.compose(yaml: text), let root = try YAMLText.json(node) as? [String: Any]
      else {
        throw Failure.file(path, "holds no sections")
      }
      try self.init(root, path: path)
    } catch let error as YamlError {
      throw Failure.file(path, "\(error)")
    }
  }

  private init(_ root: [String: Any], path: String) throws {
    if let unknown = root.keys.sorted().first(where: { FileSection(rawValue: $0) == nil }) {
      let sections = FileSection.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure.file(path, "there is no section `\(unknown)`; the sections are \(sections)")
    }
    guard let tenantName = (root["tenant"] as? [String: Any])?["name"] as? String else {
      throw Failure.file(path, "the section `tenant` needs a `name`")
    }
    let reader = EntryReader(path: path, names: ObjectNames(tenant: ObjectNames.tenantID(tenantName)))
    self.tenantName = tenantName
    objects = try FileSection.allCases.flatMap { section in
      try reader.entries(of: section, in: root).map { try reader.object($0, in: section) }
    }
    subjects = try reader.entries(of: .subjects, in: root, people: true).map { try reader.subject($0) }
  }
}

/// Reads one entry of a section into the message it stands for.
private struct EntryReader {
  let path: String
  let names: ObjectNames

  func entries(of section: FileSection, in root: [String: Any], people: Bool = false) throws -> [[String:
    Any]]
  {
    guard (section.field == nil) == people, let content = root[section.rawValue] else { return [] }
    let entries = section.isSingle ? [content] : content as? [Any]
    guard let entries = entries as? [[String: Any]] else {
      throw Failure.file(
        path, "`\(section.rawValue)` must be \(section.isSingle ? "one entry" : "a list of entries")")
    }
    return entries
  }

  func object(_ entry: [String: Any], in section: FileSection) throws
    -> Vestibule_Model_V1_ConfigurationObject
  {
    guard let field = section.field else { throw Failure.file(path, "`\(section.rawValue)` holds people") }
    let name = try self.name(of: entry, in: section)
    var content = entry
    content["name"] = nil
    do {
      var object = try Vestibule_Model_V1_ConfigurationObject(jsonText: try text([field: content]))
      object.mapReferences(names.id)
      object.name = name
      object.tenant = names.tenant.text
      object.id = section == .tenant ? names.tenant.text : names.id(section.kind.text, name)
      return object
    } catch let error as ContractError {
      throw Failure.file(path, "\(section.rawValue) `\(name)`: \(error.reason.message) \(error.expected)")
    }
  }

  func subject(_ entry: [String: Any]) throws -> Vestibule_Model_V1_Subject {
    let name = try self.name(of: entry, in: .subjects)
    do {
      var subject = try Vestibule_Model_V1_Subject(jsonString: try text(entry))
      subject.id = names.id("subject", name)
      if subject.id == name { subject.name = "" }
      subject.tenant = names.tenant.text
      if !subject.organization.isEmpty {
        subject.organization = names.id(
          Vestibule_Api_V1_Kind.connectedOrganization.text, subject.organization)
      }
      subject.mapPeople { names.id("subject", $0) }
      return subject
    } catch let error as JSONDecodingError {
      throw Failure.file(path, "subjects `\(name)`: \(error)")
    }
  }

  private func name(of entry: [String: Any], in section: FileSection) throws -> String {
    guard let name = entry["name"] as? String, !name.isEmpty else {
      throw Failure.file(path, "every entry of `\(section.rawValue)` needs a `name`")
    }
    return name
  }

  private func text(_ json: [String: Any]) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: json), as: UTF8.self)
  }
}
