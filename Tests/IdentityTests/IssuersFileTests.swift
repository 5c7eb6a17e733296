import Foundation
import Testing

@testable import Identity

@Suite("The operator's issuers are read, or the field that is wrong is named")
struct IssuersFileTests {
  @Test("What it takes")
  func good() throws {
    let text = """
      {"issuers":[{"issuer":"https://op.example","audience":"vestibule","jwksFile":"op.json"},
        {"issuer":"https://two.example","audience":"v","jwksUrl":"https://two.example/jwks","subjectClaim":"oid"}]}
      """
    let issuers = try IssuersFile.parse(Data(text.utf8), path: "/etc/vestibule/issuers.json")
    #expect(issuers.map(\.keySource) == [.file("/etc/vestibule/op.json"), .url("https://two.example/jwks")])
    #expect(issuers.allSatisfy { $0.isOperator && $0.tenant == nil })
    #expect(issuers.map(\.subjectClaim) == [.sub, .oid])
  }

  @Test(
    "What is wrong is named",
    arguments: [
      ("", "(file)"), ("[]", "(file)"), ("{}", "issuers"), (#"{"issuers":[{}]}"#, "issuers[0].issuer"),
      (#"{"issuers":[{"issuer":1}]}"#, "issuers[0].issuer"),
      (#"{"issuers":[{"issuer":"","audience":"a","jwksFile":"f"}]}"#, "issuers[0].issuer"),
      (#"{"issuers":[{"issuer":"i","audience":"a"}]}"#, "issuers[0].jwksFile"),
      (
        #"{"issuers":[{"issuer":"i","audience":"a","jwksFile":"f","jwksUrl":"https://x"}]}"#,
        "issuers[0].jwksFile"
      ),
      (#"{"issuers":[{"issuer":"i","audience":"a","jwksUrl":"http://x"}]}"#, "issuers[0].jwksUrl"),
      (
        #"{"issuers":[{"issuer":"i","audience":"a","jwksFile":"f","subjectClaim":"upn"}]}"#,
        "issuers[0].subjectClaim"
      ),
    ])
  func wrong(_ text: String, _ field: String) {
    #expect {
      try IssuersFile.parse(Data(text.utf8), path: "issuers.json")
    } throws: { error in
      guard let failure = error as? IssuersFile.Failure else { return false }
      return failure.file == "issuers.json" && failure.field == field
    }
  }
}
