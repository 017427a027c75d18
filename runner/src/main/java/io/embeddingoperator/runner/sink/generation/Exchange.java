package io.embeddingoperator.runner.sink.generation;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.Literal;
import io.embeddingoperator.runner.postgres.SqlFailure;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.database.SchemaChange;
import io.embeddingoperator.runner.sink.state.Generations;
import io.embeddingoperator.runner.sink.state.Runs;
import io.embeddingoperator.runner.sink.table.GenerationNames;
import io.embeddingoperator.runner.sink.table.PresentTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the next table in the place of the live one, in one transaction: a search finds the one or the other, and waits for no
 * longer than names take to change.
 */
final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** As GRANT names a role that an access list holds. */
    private static final String GRANTEE =
            "CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END";

    private final GenerationNames names;
    private final boolean keeping;

    /** @param keeping whether the table that was live stays, under its third name */
    Exchange(GenerationNames names, boolean keeping) {
        this.names = names;
        this.keeping = keeping;
    }

    /** What takes effect with the exchange or not at all. */
    interface Mark {
        void set(Connection connection) throws SQLException;
    }

    /**
     * Does it for good, as soon as no other session holds a lock on the tables.
     *
     * @param run that filled the next table; all others are shut out of the three
     */
    void make(Connection connection, long run, Mark mark) throws SQLException {
        SchemaChange.patient(
                        "the tables %s and %s".formatted(names.live(), names.next()),
                        "oid IN (to_regclass(%s), to_regclass(%s))"
                                .formatted(
                                        Literal.quote(names.live().sql()),
                                        Literal.quote(names.next().sql())))
                .make(connection, statement -> {
                    take(connection, statement, run);
                    mark.set(connection);
                });
        LOG.info("{} took the place of {}", names.next(), names.live());
    }

    /**
     * Tries it and takes it back, in the transaction that makes the next table.
     *
     * @throws SpecificationException when the server refuses it
     */
    void rehearse(Connection connection, Statement statement) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            statement.execute("SET LOCAL lock_timeout = '%s'".formatted(SchemaChange.SHORT_LOCK_TIMEOUT));
            take(connection, statement, Runs.NONE);
        } catch (SQLException e) {
            boolean inUse = SqlFailure.state(e).equals(LOCK_NOT_AVAILABLE);
            if (!inUse && SqlFailure.of(e) == SqlFailure.UNAVAILABLE) {
                throw e;
            }
            if (!inUse) {
                throw new SpecificationException(
                        ("spec.sink.pgvector.replacement is Swap, and the server refuses to exchange %s and %s: %s; nothing was"
                                        + " embedded yet")
                                .formatted(names.live(), names.next(), SqlFailure.words(e)));
            }
            LOG.info("{} is in use, so that its exchange is not tried out beforehand", names.live());
        }
        connection.rollback(before);
    }

    private void take(Connection connection, Statement statement, long run) throws SQLException {
        statement.execute("LOCK TABLE %s, %s IN ACCESS EXCLUSIVE MODE"
                .formatted(names.live().sql(), names.next().sql()));
        for (TableName name : List.of(names.live(), names.next(), names.before())) {
            Runs.shutOut(connection, name, run);
        }
        // Their text names the tables by the path that holds when they are made again.
        statement.execute("SET LOCAL search_path = pg_catalog");
        List<String> changes = new ArrayList<>(grantsAndComment(connection));
        List<String> views = views(connection);
        dropBefore(connection, statement);
        NamedTable.rename(connection, statement, names.live(), names.before());
        NamedTable.rename(connection, statement, names.next(), names.live());
        changes.addAll(views);
        for (String change : changes) {
            statement.execute(change);
        }
        if (keeping) {
            Generations.note(connection, names.before());
        } else {
            statement.execute("DROP TABLE %s".formatted(names.before().sql()));
        }
    }

    private void dropBefore(Connection connection, Statement statement) throws SQLException {
        if (PresentTable.find(connection, names.before()).isEmpty()) {
            return;
        }
        if (!Generations.isMade(connection, names.before())) {
            throw new SpecificationException(
                    "the table that %s replaces gets the name %s, and a table that no runner made has it: rename or drop it"
                            .formatted(names.next(), names.before()));
        }
        statement.execute("DROP TABLE %s".formatted(names.before().sql()));
    }

    /** Statements that give the next table, under its later name, the rights and the comment of the live one. */
    private List<String> grantsAndComment(Connection connection) throws SQLException {
        long live = PresentTable.find(connection, names.live()).orElseThrow().oid();
        long next = PresentTable.find(connection, names.next()).orElseThrow().oid();
        String table = Literal.quote(names.live().sql());
        List<String> statements = new ArrayList<>(Catalogue.texts(connection, """
                SELECT DISTINCT format('REVOKE ALL ON %%s FROM %%s', %1$s, %2$s)
                FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = ? AND a.grantee <> c.relowner
                """.formatted(table, GRANTEE), next));
        statements.addAll(Catalogue.texts(connection, """
                SELECT format('GRANT %%s ON %%s TO %%s%%s', a.privilege_type, %1$s, %2$s,
                  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = ? AND a.grantee <> c.relowner
                """.formatted(table, GRANTEE), live));
        statements.addAll(Catalogue.texts(connection, """
                SELECT format('GRANT %%s (%%I) ON %%s TO %%s%%s', a.privilege_type, t.attname, %1$s, %2$s,
                  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
                WHERE t.attrelid = ? AND NOT t.attisdropped AND a.grantee <> c.relowner
                """.formatted(table, GRANTEE), live));
        statements.addAll(Catalogue.texts(connection, """
                SELECT format('COMMENT ON TABLE %%s IS %%L', %s, description) FROM pg_description
                WHERE objoid = ? AND classoid = 'pg_class'::regclass AND objsubid = 0
                """.formatted(table), live));
        return statements;
    }

    /** Statements that make the views of the live table again, which then read the table that has its name. */
    private List<String> views(Connection connection) throws SQLException {
        return Catalogue.texts(
                connection,
                """
                SELECT DISTINCT format('CREATE OR REPLACE VIEW %s%s AS %s', v.oid::regclass,
                  coalesce(' WITH (' || (
                    SELECT string_agg(format('%I = %L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ')
                    FROM unnest(v.reloptions) o) || ')', ''),
                  pg_get_viewdef(v.oid))
                FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class
                WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ?
                  AND v.oid <> d.refobjid
                """,
                PresentTable.find(connection, names.live()).orElseThrow().oid());
    }
}
