import EntitlementModel
import Testing

@Suite("Decision 19: an account, in every state")
struct AccountTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let state: Account.State
    let active, blocked, absent: Account.State

    init(_ state: Account.State, active: Account.State, blocked: Account.State, absent: Account.State) {
      (self.state, self.active, self.blocked, self.absent) = (state, active, blocked, absent)
    }

    var testDescription: String { "\(state): wanted active \(active), blocked \(blocked), absent \(absent)" }
  }

  static let rows = [
    Row(.inviting, active: .inviting, blocked: .blocking, absent: .deleting),
    Row(.active, active: .active, blocked: .blocking, absent: .deleting),
    Row(.blocking, active: .unblocking, blocked: .blocking, absent: .deleting),
    Row(.blocked, active: .unblocking, blocked: .blocked, absent: .deleting),
    Row(.unblocking, active: .unblocking, blocked: .blocking, absent: .deleting),
    Row(.deleting, active: .deleting, blocked: .deleting, absent: .deleting),
    Row(.deleted, active: .inviting, blocked: .deleted, absent: .deleted),
    Row(.failed, active: .inviting, blocked: .failed, absent: .deleting),
  ]

  @Test("It follows what is wanted of its guest; deleting is waited for (decision 22)", arguments: rows)
  func follows(row: Row) {
    for (presence, becomes) in [
      (Guest.Presence.active, row.active), (.blocked, row.blocked), (.absent, row.absent),
    ] {
      var account = Account(connector: "directory", provenance: .ours, state: row.state)
      account.follow(presence)
      #expect(account.state == becomes, "wanted \(presence)")
    }
  }

  @Test("An account that was there before us is neither blocked nor deleted (decision 21)")
  func foundAccountStays() {
    for presence in [Guest.Presence.blocked, .absent] {
      var account = Account(connector: "directory", provenance: .found, state: .active)
      account.follow(presence)
      #expect(account.state == .active)
      #expect(account.isSettled(for: presence))
    }
  }

  static let answers: [(Account.State, Account.Answer, Account.State)] = [
    (.inviting, .present(externalID: "u1", provenance: .ours), .active), (.inviting, .failed, .failed),
    (.unblocking, .present(externalID: "u1", provenance: .ours), .active), (.unblocking, .failed, .failed),
    (.blocking, .blocked, .blocked), (.deleting, .deleted, .deleted),
  ]

  @Test("An answer that no longer fits says nothing", arguments: Account.State.allCases)
  func answered(state: Account.State) {
    let all: [Account.Answer] = [
      .present(externalID: "u1", provenance: .ours), .blocked, .deleted, .failed,
    ]
    for answer in all {
      var account = Account(connector: "directory", state: state)
      account.answered(answer)
      let expected = Self.answers.first { $0.0 == state && $0.1 == answer }?.2 ?? state
      #expect(account.state == expected, "\(answer)")
    }
  }
}
