import Contracts
import EntitlementModel
import Foundation
import Postgres

/// People's accounts in the built-in directory. `owner_mark` tells ours from everybody else's.
struct DirectoryUserTable {
  let connection: Connection

  /// Makes what is missing and enables what is ours; somebody else's account of that name is found and left alone.
  func ensure(_ accounts: [AccountCommand]) throws -> [UUID: Account.Answer] {
    guard !accounts.isEmpty else { return [:] }
    let made = try insert(accounts)
    var answers: [UUID: Account.Answer] = [:]
    for id in made { answers[id] = .present(externalID: id.text, provenance: .ours) }
    let others = accounts.filter { answers[$0.guest] == nil }
    if others.isEmpty { return answers }
    let byName = Dictionary(try holders(of: others).map { ($0.name, $0) }) { first, _ in first }
    let own = try enable(others)
    try enable(found: others.filter { !own.contains($0.guest) })
    for account in others {
      if own.contains(account.guest) {
        answers[account.guest] = .present(externalID: account.guest.text, provenance: .ours)
      } else if let holder = byName[account.accountName] {
        answers[account.guest] = .present(externalID: holder.id.text, provenance: .found)
      }
    }
    return answers
  }

  /// An account that somebody else made is blocked only by an administrator's word, and known by its id then.
  func disable(_ accounts: [AccountCommand]) throws {
    guard !accounts.isEmpty else { return }
    try connection.execute(
      """
      UPDATE directory."user" AS u SET is_enabled = false
      FROM unnest(\(accounts.map(\.tenant)), \(accounts.map(\.account))) AS n (tenant, id)
      WHERE u.tenant = n.tenant AND u.id = n.id AND u.is_enabled
      """)
  }

  func delete(_ accounts: [AccountCommand]) throws {
    guard !accounts.isEmpty else { return }
    try connection.execute(
      """
      DELETE FROM directory."user" AS u
      USING unnest(\(accounts.map(\.tenant)), \(accounts.map(\.guest))) AS n (tenant, id)
      WHERE u.tenant = n.tenant AND u.id = n.id AND u.owner_mark = n.id::text
      """)
  }

  /// Follows changed addresses and names of accounts that are ours; a name that somebody else bears stays.
  func rename(_ people: [(tenant: UUID, target: Target)]) throws {
    guard !people.isEmpty else { return }
    try connection.execute(
      """
      UPDATE directory."user" AS u SET email = n.email, display_name = n.name, account_name = CASE
        WHEN EXISTS (SELECT FROM directory."user" o WHERE o.tenant = n.tenant AND o.account_name = n.account)
        THEN u.account_name ELSE n.account END
      FROM unnest(\(people.map(\.tenant)), \(people.map(\.target.subject)), \(people.map(\.target.email)),
        \(people.map(\.target.displayName)), \(people.map { $0.target.email.lowercased() }))
        AS n (tenant, id, email, name, account)
      WHERE u.tenant = n.tenant AND u.id = n.id AND u.owner_mark = n.id::text
      """)
  }

  private func insert(_ accounts: [AccountCommand]) throws -> [UUID] {
    let sorted = accounts.sorted { $0.guest < $1.guest }
    return try connection.values(
      """
      INSERT INTO directory."user" (tenant, id, account_name, email, display_name, is_enabled, owner_mark)
      SELECT tenant, id, account, email, name, true, id::text
      FROM unnest(\(sorted.map(\.tenant)), \(sorted.map(\.guest)), \(sorted.map(\.accountName)),
        \(sorted.map(\.email)), \(sorted.map(\.displayName))) AS n (tenant, id, account, email, name)
      ON CONFLICT DO NOTHING RETURNING id
      """, as: UUID.self)
  }

  private func enable(_ accounts: [AccountCommand]) throws -> Set<UUID> {
    Set(
      try connection.values(
        """
        UPDATE directory."user" AS u SET is_enabled = true
        FROM unnest(\(accounts.map(\.tenant)), \(accounts.map(\.guest))) AS n (tenant, id)
        WHERE u.tenant = n.tenant AND u.id = n.id AND u.owner_mark = n.id::text RETURNING u.id
        """, as: UUID.self))
  }

  /// Lifts our own block of accounts that somebody else made: only those are known by an id already.
  private func enable(found accounts: [AccountCommand]) throws {
    let known = accounts.filter { $0.externalID != nil }
    guard !known.isEmpty else { return }
    try connection.execute(
      """
      UPDATE directory."user" AS u SET is_enabled = true
      FROM unnest(\(known.map(\.tenant)), \(known.map(\.account))) AS n (tenant, id)
      WHERE u.tenant = n.tenant AND u.id = n.id
      """)
  }

  private func holders(of accounts: [AccountCommand]) throws -> [(name: String, id: UUID)] {
    try connection.rows(
      """
      SELECT u.account_name, u.id FROM directory."user" u
      JOIN unnest(\(accounts.map(\.tenant)), \(accounts.map(\.accountName))) AS n (tenant, account)
        ON u.tenant = n.tenant AND u.account_name = n.account
      """
    ) { row in (name: try row.next(), id: try row.next()) }
  }
}

extension AccountCommand {
  /// Unique in its tenant; compared as it is, so it is stored in one case.
  fileprivate var accountName: String { email.lowercased() }

  /// The account's id in this directory; one made here bears the guest's.
  fileprivate var account: UUID { externalID.flatMap { UUID(text: $0) } ?? guest }
}
