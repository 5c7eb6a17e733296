import EntitlementModel
import Testing

@Suite("Which language somebody is shown")
struct LanguagePreferenceTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let asked: String
    let offered: [String]
    let chosen: String?
    var testDescription: String { "«\(asked)» of \(offered.joined(separator: " "))" }

    init(_ asked: String, _ offered: [String], _ chosen: String?) {
      (self.asked, self.offered, self.chosen) = (asked, offered, chosen)
    }
  }

  static let rows = [
    Row("", ["de", "fr"], nil),
    Row("de", ["de", "fr"], "de"),
    Row("de-AT", ["de", "fr"], "de"),
    Row("de-AT, fr;q=0.5", ["fr", "de-AT"], "de-AT"),
    // A wider range is not answered by a narrower tag.
    Row("de", ["de-AT"], nil),
    Row("de, fr;q=0.9", ["de-AT", "fr"], "fr"),
    Row("fr;q=0.5, de;q=0.8", ["fr", "de"], "de"),
    // Of equal weights the first counts more.
    Row("fr, de", ["de", "fr"], "fr"),
    Row("fr;q=0.5,de;q=0.5", ["de", "fr"], "fr"),
    // Tags are compared whatever their case, and told as they are offered.
    Row("PT-br", ["pt-BR"], "pt-BR"),
    // From the end, a singleton together with what stands behind it.
    Row("zh-Hant-CN-x-private1", ["zh-Hant"], "zh-Hant"),
    Row("zh-Hant-CN-x-private1", ["zh-Hant-CN-x", "zh"], "zh"),
    Row("*", ["de"], nil),
    Row("*, fr;q=0.1", ["de", "fr"], "fr"),
    Row("de;q=0, fr;q=0.1", ["de", "fr"], "fr"),
    // Refused as it stands, however it is come by.
    Row("de-AT, de;q=0", ["de"], nil),
    Row("nl", ["de", "fr"], nil),
  ]

  @Test("is the best of those that there are, or the default", arguments: rows)
  func chooses(row: Row) throws {
    #expect(try #require(LanguagePreference(row.asked)).choose(from: row.offered) == row.chosen)
  }

  @Test(
    "can only be told by such a list",
    arguments: ["de_AT", "de;w=1", "de;q=2", "de;q=0.12345", "ä", "de--AT", "thisistoolong", ";q=1"])
  func refuses(text: String) {
    #expect(LanguagePreference(text) == nil)
  }

  @Test("A text is shown with the tag of its language; the default has none")
  func texts() throws {
    let german = try #require(LanguagePreference("de-CH, en;q=0.2"))
    #expect(german.choose("Project?", or: ["de": "Projekt?"]) == ("Projekt?", "de"))
    #expect(german.choose("Project?", or: ["fr": "Projet ?"]) == ("Project?", ""))
    #expect(LanguagePreference.none.choose("Project?", or: ["de": "Projekt?"]) == ("Project?", ""))
  }
}
