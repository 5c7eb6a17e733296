/// Lets no transaction of a test change an aggregate without recording it: whatever a service's tests do, does so under
/// this guard.
package enum AuditGuard {
  package struct Table {
    let name: String
    let insertions: String
    let changes: String
    let deletions: String

    /// - Parameters:
    ///   - insertions: which new rows count, as a condition on NEW.
    ///   - changes: which changes count, as a condition on OLD and NEW.
    ///   - deletions: which rows that go count, as a condition on OLD.
    package init(
      _ name: String, insertions: String = "true", changes: String, deletions: String = "true"
    ) {
      (self.name, self.insertions, self.changes, self.deletions) = (name, insertions, changes, deletions)
    }
  }

  /// - Parameter tables: those of the aggregates.
  package static func sql(schema: String, _ tables: Table...) -> String {
    let function = """
      SET search_path = \(schema);
      CREATE FUNCTION require_audit() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
      BEGIN
        IF current_setting('test.audited', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
          IF NOT EXISTS (SELECT 1 FROM audit_pending WHERE xmin = pg_current_xact_id()::xid) THEN
            RAISE 'a change of % was not recorded: % %', TG_TABLE_NAME, TG_OP, NEW;
          END IF;
          PERFORM set_config('test.audited', pg_current_xact_id()::text, true);
        END IF;
        RETURN NULL;
      END $$;
      """
    return tables.reduce(function) { text, table in
      text + """

        CREATE CONSTRAINT TRIGGER audited_insert AFTER INSERT ON \(table.name) DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW WHEN (\(table.insertions)) EXECUTE FUNCTION require_audit();
        CREATE CONSTRAINT TRIGGER audited_update AFTER UPDATE ON \(table.name) DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW WHEN (\(table.changes)) EXECUTE FUNCTION require_audit();
        CREATE CONSTRAINT TRIGGER audited_delete AFTER DELETE ON \(table.name) DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW WHEN (\(table.deletions)) EXECUTE FUNCTION require_audit();
        """
    }
  }
}
