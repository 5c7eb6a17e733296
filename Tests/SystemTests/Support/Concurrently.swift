/// Does `work` for every number below `count`, at most `limit` at the same time; the results are in order.
func concurrently<Result: Sendable>(
  _ count: Int, atMost limit: Int = 32, _ work: @escaping @Sendable (Int) async throws -> Result
) async throws -> [Result] {
  try await withThrowingTaskGroup(of: (Int, Result).self) { group in
    var results: [Int: Result] = [:]
    for number in 0..<count {
      if number >= limit, let (done, result) = try await group.next() { results[done] = result }
      group.addTask { (number, try await work(number)) }
    }
    for try await (done, result) in group { results[done] = result }
    return (0..<count).compactMap { results[$0] }
  }
}
