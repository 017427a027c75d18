package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.postgres.TrustedRoles;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the state schema may be used. A table runs code of its owner's as each role that writes to it: triggers, rules,
 * defaults, indexes over functions. The role that made the schema first could so act as every later role. Only the catalogue is read
 * here, no state.
 */
public final class StateTrust {
    /** Of the schema, and of every relation and function in it, those whose owner is not trusted. */
    private static final String STRANGERS = TrustedRoles.WITH_TRUSTED + """
            , objects(what, name, owner) AS (
              SELECT 'schema', n.nspname::text, n.nspowner FROM pg_namespace n WHERE n.nspname = 'embedding_operator'
              UNION ALL
              SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                       WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' WHEN 'S' THEN 'sequence'
                       WHEN 'i' THEN 'index' ELSE 'relation' END,
                'embedding_operator.' || c.relname, c.relowner
              FROM pg_class c WHERE c.relnamespace = to_regnamespace('embedding_operator')
              UNION ALL
              SELECT 'function', 'embedding_operator.' || p.proname, p.proowner
              FROM pg_proc p WHERE p.pronamespace = to_regnamespace('embedding_operator')
              UNION ALL
              SELECT 'operator', 'embedding_operator.' || o.oprname, o.oprowner
              FROM pg_operator o WHERE o.oprnamespace = to_regnamespace('embedding_operator'))
            SELECT 'the ' || what || ' ' || name || ' belongs to the role ' || pg_get_userbyid(owner)
            FROM objects WHERE owner NOT IN (SELECT role FROM trusted)
            ORDER BY what <> 'schema', what, name LIMIT 5
            """;

    /** What the runner never makes on its tables, and what would run other code than the server's own. */
    private static final String ATTACHMENTS = """
            WITH state AS (
              SELECT c.oid, c.relname::text AS name, c.relkind, c.relrowsecurity, c.relispartition
              FROM pg_class c
              WHERE c.relnamespace = to_regnamespace('embedding_operator') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')),
            found(table_name, what) AS (
              SELECT name, 'is no plain table' FROM state WHERE relkind <> 'r' OR relispartition
              UNION ALL SELECT name, 'has row level security' FROM state WHERE relrowsecurity
              UNION ALL SELECT s.name, 'has the trigger ' || t.tgname
              FROM pg_trigger t JOIN state s ON s.oid = t.tgrelid WHERE NOT t.tgisinternal
              UNION ALL SELECT s.name, 'has the rule ' || r.rulename
              FROM pg_rewrite r JOIN state s ON s.oid = r.ev_class WHERE s.relkind = 'r'
              UNION ALL SELECT s.name, 'has the policy ' || p.polname
              FROM pg_policy p JOIN state s ON s.oid = p.polrelid
              UNION ALL SELECT s.name, 'inherits from ' || h.inhparent::regclass::text
              FROM pg_inherits h JOIN state s ON s.oid = h.inhrelid
              UNION ALL SELECT s.name, 'is inherited by ' || h.inhrelid::regclass::text
              FROM pg_inherits h JOIN state s ON s.oid = h.inhparent
              UNION ALL SELECT s.name, 'has the column ' || a.attname || ' of the type '
                || format_type(a.atttypid, a.atttypmod)
              FROM pg_attribute a JOIN state s ON s.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
              WHERE NOT a.attisdropped AND t.typnamespace <> 'pg_catalog'::regnamespace
              UNION ALL SELECT s.name, 'has a column whose default calls ' || pg_describe_object(d.refclassid, d.refobjid, 0)
              FROM pg_attrdef f JOIN state s ON s.oid = f.adrelid
              JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
              WHERE d.refclassid <> 'pg_class'::regclass
              UNION ALL SELECT s.name, 'has the constraint ' || k.conname || ', which calls '
                || pg_describe_object(d.refclassid, d.refobjid, 0)
              FROM pg_constraint k JOIN state s ON s.oid = k.conrelid
              JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
              WHERE d.refclassid <> 'pg_class'::regclass
              UNION ALL SELECT s.name, 'has an index that calls ' || pg_describe_object(d.refclassid, d.refobjid, 0)
              FROM pg_index i JOIN state s ON s.oid = i.indrelid
              JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
              WHERE d.refclassid NOT IN ('pg_class'::regclass, 'pg_constraint'::regclass)
              UNION ALL SELECT s.name, 'has statistics that call ' || pg_describe_object(d.refclassid, d.refobjid, 0)
              FROM pg_statistic_ext x JOIN state s ON s.oid = x.stxrelid
              JOIN pg_depend d ON d.classid = 'pg_statistic_ext'::regclass AND d.objid = x.oid
              WHERE d.refclassid NOT IN ('pg_class'::regclass, 'pg_namespace'::regclass))
            SELECT 'embedding_operator.' || table_name || ' ' || what FROM found ORDER BY 1 LIMIT 5
            """;

    private StateTrust() {}

    /** Sentences that say what must not be there; empty where the schema is, or would be, this role's own. */
    public static List<String> obstacles(Connection connection) throws SQLException {
        List<String> strangers = texts(connection, STRANGERS);
        if (!strangers.isEmpty()) {
            return List.of(
                    ("%s, which is neither the runner's role %s nor one that this is a member of, nor the owner of the"
                                    + " database, nor a superuser: what it puts there would run as %2$s. Let the owner of the database"
                                    + " drop it or run ALTER … OWNER TO, let roles that shall share their state be members of the role"
                                    + " that owns it, or use a database of its own")
                            .formatted(String.join(", ", strangers), role(connection)));
        }
        List<String> attachments = texts(connection, ATTACHMENTS);
        return attachments.isEmpty()
                ? List.of()
                : List.of("%s, which no runner made: the state must be as the runner made it, drop what was added"
                        .formatted(String.join(", ", attachments)));
    }

    private static String role(Connection connection) throws SQLException {
        return texts(connection, "SELECT current_user").getFirst();
    }

    private static List<String> texts(Connection connection, String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }
}
