package io.embeddingoperator.runner.postgres;

/**
 * The roles whose objects may run code in a session of the runner: its own role and those that this role is a member of,
 * the owner of the database, and superusers, who can do everything anyway.
 */
public final class TrustedRoles {
    /**
     * Begins a query that may ask whether a role is among {@code (SELECT role FROM trusted)}. Memberships are followed here and
     * not asked from pg_has_role, which calls a superuser a member of every role, a stranger's too.
     */
    public static final String WITH_TRUSTED = """
            WITH RECURSIVE trusted(role) AS (
              SELECT own.oid FROM pg_catalog.pg_roles own
              WHERE own.rolname IN (current_user, 'pg_database_owner') OR own.rolsuper
              UNION
              SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
              UNION
              SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN trusted t ON m.member = t.role)
            """;

    private TrustedRoles() {}
}
