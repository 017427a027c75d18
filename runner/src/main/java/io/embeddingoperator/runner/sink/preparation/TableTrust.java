package io.embeddingoperator.runner.sink.preparation;

import io.embeddingoperator.runner.postgres.TrustedRoles;
import io.embeddingoperator.runner.sink.table.PresentTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the table of vectors may be written to. It may belong to another role, which granted what the runner needs; but
 * triggers and all else of it that runs code would run as the runner's role, and a stranger who made the table before the first
 * run could so act in its name.
 */
final class TableTrust {
    private static final Logger log = LoggerFactory.getLogger(TableTrust.class);

    /** The table and its partitions; a function of pgvector's, or of a role that is trusted, is what a table may use. */
    private static final String SQL = TrustedRoles.WITH_TRUSTED + """
            , tree(oid) AS (
              SELECT ?::oid UNION SELECT h.inhrelid FROM pg_inherits h JOIN tree t ON h.inhparent = t.oid),
            foreign_table AS (
              SELECT c.oid, c.relowner FROM pg_class c JOIN tree t ON t.oid = c.oid
              WHERE c.relowner NOT IN (SELECT role FROM trusted)),
            called(relation, class, object) AS (
              SELECT f.adrelid, d.refclassid, d.refobjid FROM pg_attrdef f JOIN pg_depend d
                ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
              UNION SELECT k.conrelid, d.refclassid, d.refobjid FROM pg_constraint k JOIN pg_depend d
                ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
              UNION SELECT i.indrelid, d.refclassid, d.refobjid FROM pg_index i JOIN pg_depend d
                ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
              UNION SELECT x.stxrelid, d.refclassid, d.refobjid FROM pg_statistic_ext x JOIN pg_depend d
                ON d.classid = 'pg_statistic_ext'::regclass AND d.objid = x.oid
              UNION SELECT a.attrelid, 'pg_type'::regclass::oid, a.atttypid FROM pg_attribute a
                JOIN pg_type y ON y.oid = a.atttypid AND y.typnamespace <> 'pg_catalog'::regnamespace),
            found(relation, what) AS (
              SELECT t.tgrelid, 'the trigger ' || t.tgname FROM pg_trigger t WHERE NOT t.tgisinternal
              UNION ALL SELECT r.ev_class, 'the rule ' || r.rulename FROM pg_rewrite r
              UNION ALL SELECT c.relation, pg_describe_object(c.class, c.object, 0) FROM called c
              WHERE c.class IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
                AND NOT EXISTS (SELECT FROM pg_depend e JOIN pg_extension x ON x.oid = e.refobjid
                                WHERE e.classid = c.class AND e.objid = c.object AND e.deptype = 'e'
                                  AND e.refclassid = 'pg_extension'::regclass AND x.extname = 'vector'))
            SELECT pg_get_userbyid(s.relowner), current_user,
              (SELECT string_agg(DISTINCT f.what, ', ') FROM found f WHERE f.relation = s.oid)
            FROM foreign_table s ORDER BY 3 NULLS LAST LIMIT 1
            """;

    private TableTrust() {}

    /** What must not be there, to be read after "is a table, whose rows cannot be written". */
    static List<String> differences(Connection connection, PresentTable table) throws SQLException {
        List<String> differences = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setLong(1, table.oid());
            try (ResultSet row = statement.executeQuery()) {
                if (row.next() && row.getString(3) != null) {
                    differences.add(
                            "it belongs to the role %s and has %s, which would run as %s: let a role own the table that %3$s is a member of"
                                    .formatted(row.getString(1), row.getString(3), row.getString(2)));
                } else if (row.getRow() == 1) {
                    log.warn(
                            "{} belongs to the role {}: a trigger that this role puts on it runs as {}",
                            table.name(),
                            row.getString(1),
                            row.getString(2));
                }
            }
        }
        return differences;
    }
}
