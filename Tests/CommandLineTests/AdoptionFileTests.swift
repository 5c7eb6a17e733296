import EntitlementModel
import Foundation
import Testing

@testable import CommandLineTool

@Suite("A file of people to be adopted")
struct AdoptionFileTests {
  @Test("Columns in any order, spelled loosely; quoted fields, empty lines, either line break")
  func reads() {
    let file = AdoptionFile(
      "Package,E_Mail,organization,Display Name\r\nfiles,ann@fabrikam.example,fabrikam,\"Ann, \"\"A\"\"\"\r\n\r\n"
        + "files,bea@fabrikam.example,fabrikam,\n")
    #expect(file.faults.isEmpty)
    #expect(file.lines.map(\.number) == [2, 4])
    #expect(file.lines.map(\.displayName) == ["Ann, \"A\"", ""])
    #expect(file.lines.map(\.email) == ["ann@fabrikam.example", "bea@fabrikam.example"])
  }

  @Test(
    "What can not be read is a result of its line that says what would be right",
    arguments: [
      ("email,organization,package,colour", 1, "unknown column `colour`"),
      ("email,package", 1, "the column `organization` is missing"),
      ("email,e-mail,organization,package", 1, "is there twice"),
      ("", 1, "the columns are e-mail, display name (optional)"),
      ("email,organization,package\nann,fabrikam,files", 2, "name@fabrikam.example"),
      ("email,organization,package\na@b.example,,files", 2, "the organization is missing"),
      ("email,organization,package\na@b.example,fabrikam", 2, "2 fields, where the heading has 3"),
      ("email,organization,package\na@b.example,f,files\nA@b.example,f,files", 3, "as line 2"),
    ])
  func faults(text: String, line: Int, says: String) {
    let faults = AdoptionFile(text).faults
    #expect(faults.map(\.line) == [line])
    #expect(faults.first?.detail.contains(says) == true, "\(faults)")
  }

  @Test("Ends are spread over the window, each person's always the same")
  func spread() throws {
    let start = Date(timeIntervalSince1970: 1_800_000_000)
    let window = try #require(AdoptionEnd.window("P30D,P180D"))
    let end = AdoptionEnd(window: window, start: start, timeZone: .gmt)
    let ends = try (0..<1_000).map { try #require(try end(line("p\($0)@fabrikam.example"))) }
    #expect(ends.allSatisfy { (start + .days(30)...start + .days(180)).contains($0) })
    // Each tenth of the window has its share.
    let tenths = Dictionary(grouping: ends) { Int($0.timeIntervalSince(start + .days(30)) / (15 * 86_400)) }
    #expect((0..<10).allSatisfy { (50...150).contains(tenths[$0]?.count ?? 0) })
    #expect(try end(line("P7@Fabrikam.example")) == ends[7])
  }

  @Test("An end of its own outranks the window; a day means its end in the tenant's zone")
  func ownEnd() throws {
    let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
    let end = AdoptionEnd(window: AdoptionEnd.window("P1D,P2D"), start: .distantPast, timeZone: zone)
    #expect(try end(line(end: "2027-01-31")) == Date("2027-01-31T23:00:00Z", strategy: .iso8601))
    #expect(try end(line(end: "2027-01-31T16:00:00Z")) == Date("2027-01-31T16:00:00Z", strategy: .iso8601))
    #expect(throws: AdoptionEnd.Fault.self) { try end(line(end: "31.1.2027")) }
  }

  @Test(
    "A window is two durations, the shorter first",
    arguments: ["P30D", "P180D,P30D", "P30D,P30D", "30,180", ""])
  func badWindows(text: String) {
    #expect(AdoptionEnd.window(text) == nil)
  }

  @Test("A result can be read again as a line of fields")
  func results() {
    let result = AdoptionResult(line("ann@fabrikam.example"), .refused, "a, \"b\"")
    #expect(
      CSVText.records(result.text).map(\.fields) == [
        ["2", "ann@fabrikam.example", "files", "refused", "a, \"b\""]
      ])
  }

  private func line(_ email: String = "ann@fabrikam.example", end: String = "") -> AdoptionFile.Line {
    AdoptionFile.Line(
      number: 2, email: email, displayName: "", organization: "fabrikam", package: "files", policy: "",
      end: end)
  }
}
