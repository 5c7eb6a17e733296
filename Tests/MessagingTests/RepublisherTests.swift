import EntitlementModel
import Foundation
import Testing
import TestSupport

@testable import Messaging

@Suite("Republishing") struct RepublisherTests {
  @Test("Every aggregate is told once, page by page, and the pages end", arguments: [0, 1, 500, 501, 1_200])
  func tellsAllPages(_ total: Int) async throws {
    let bench = try await MessagingBench()
    let tenant = UUID()
    let aggregates = (0..<total).map { _ in UUID() }.sorted()
    let republisher = Republisher("note") { after, _, limit, work in
      let page = Array(aggregates.drop { id in after.map { id <= $0 } ?? false }.prefix(limit))
      for id in page {
        try work.tell(
          .assignmentExpiryDue, id, tenant: tenant, number: 1, by: .system, Note.body(id.uuidString))
      }
      return page
    }
    let outbox = bench.outbox()
    let transactor = bench.transactor(outbox)
    try await running(outbox, bench.consumer(transactor)) {
      var (told, next, isDone) = (0, UUID?.none, false)
      while !isDone {
        let page = try await republisher(
          after: next, tenants: [tenant], tenant: tenant, transactor: transactor)
        told += page.count
        (next, isDone) = (page.next, page.next == nil)
      }
      #expect(told == total)
      try await bench.settles(notes: total)
    }
    #expect(try await bench.count("note", distinct: "text") == total)
  }
}
