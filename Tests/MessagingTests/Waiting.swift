import TestSupport

extension MessagingBench {
  func awaitNotes(_ number: Int) async throws {
    try await eventually(within: .seconds(30), equals: number) { try await count("note") }
  }

  func eventuallyEmpty(_ queue: String) async throws {
    try await eventually(within: .seconds(30), equals: 0) { try await waiting(on: queue) }
  }

  func eventuallyEmptyOutbox() async throws {
    try await eventually(within: .seconds(30), equals: 0) { try await count("outbox") }
  }
}
