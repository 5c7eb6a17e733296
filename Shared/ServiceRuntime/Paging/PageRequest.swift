package import EntitlementModel
import Foundation
package import Protocols

/// One page of a list by keyset: how long it is, and after which entry it begins.
package struct PageRequest<Key: PageKey>: Sendable {
  /// At most that many entries.
  package let limit: Int
  package let after: Key?

  package init(after: Key? = nil, limit: Int) {
    (self.after, self.limit) = (after, limit)
  }

  /// - Throws: `outOfRange` for a size that is not 1 to 1,000 (0 stands for 100), `malformed` for a token that is
  ///   none of ours.
  package init(_ page: Vestibule_Model_V1_Page) throws(Refusal) {
    guard (0...1_000).contains(page.pageSize) else {
      throw Refusal(.outOfRange, "A page has 1 to 1,000 entries.", field: "page.page_size", hint: "100")
    }
    limit = page.pageSize == 0 ? 100 : Int(page.pageSize)
    guard !page.pageToken.isEmpty else {
      after = nil
      return
    }
    guard let key = PageToken.decode(page.pageToken).flatMap({ Key(tokenText: $0) }) else {
      throw Refusal(
        .malformed, "This is no page token of ours.", field: "page.page_token",
        hint: "the next_page_token of the page before")
    }
    after = key
  }

  /// Where the next page begins, behind the last of `entries`; empty when the list ends before the page does.
  package func nextToken<Entry>(after entries: [Entry], _ key: (Entry) -> Key?) -> String {
    entries.count < limit ? "" : PageToken.encode(entries.last.flatMap(key))
  }
}
