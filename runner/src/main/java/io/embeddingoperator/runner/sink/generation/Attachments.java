package io.embeddingoperator.runner.sink.generation;

import io.embeddingoperator.runner.sink.table.Column;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.PresentTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What hangs on a table, and would hang on the wrong one after it was exchanged. */
final class Attachments {
    /**
     * Columns, constraints, indexes, comments, owner, grants and plain views follow. The parameters are the table, the columns that
     * the runner fills, and the column of the embeddings.
     */
    private static final String SQL = """
            WITH live AS (SELECT oid, reltype, relrowsecurity, relreplident FROM pg_class WHERE oid = ?)
            SELECT 'the trigger ' || t.tgname FROM pg_trigger t, live WHERE t.tgrelid = live.oid AND NOT t.tgisinternal
            UNION ALL SELECT 'the rule ' || r.rulename FROM pg_rewrite r, live WHERE r.ev_class = live.oid
            UNION ALL SELECT 'the policy ' || p.polname FROM pg_policy p, live WHERE p.polrelid = live.oid
            UNION ALL SELECT 'row-level security' FROM live WHERE relrowsecurity
            UNION ALL SELECT 'the foreign key ' || k.conname || ' of ' || k.conrelid::regclass FROM pg_constraint k, live
              WHERE k.contype = 'f' AND (k.conrelid = live.oid OR k.confrelid = live.oid) AND k.conparentid = 0
            UNION ALL SELECT 'the publication ' || p.pubname FROM pg_publication_rel r
              JOIN pg_publication p ON p.oid = r.prpubid, live WHERE r.prrelid = live.oid
            UNION ALL SELECT 'the inheritance of ' || h.inhrelid::regclass || ' from ' || h.inhparent::regclass
              FROM pg_inherits h, live WHERE live.oid IN (h.inhrelid, h.inhparent)
            UNION ALL SELECT 'the replica identity, which is an index' FROM live WHERE relreplident = 'i'
            UNION ALL SELECT 'the column ' || a.attname || ', which the runner does not fill' FROM pg_attribute a, live
              WHERE a.attrelid = live.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
                AND a.attname <> ALL (?)
            UNION ALL SELECT 'the index ' || c.relname || ', which is not built again' FROM pg_index i
              JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
              JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0], live
              WHERE i.indrelid = live.oid AND m.amname IN ('hnsw', 'ivfflat') AND a.attname = ?
                AND c.relname !~ '_(vector|halfvec)_(cosine|ip|l2)_hnsw$'
            UNION ALL SELECT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d, live
              WHERE d.deptype = 'n' AND d.classid IN ('pg_proc'::regclass, 'pg_class'::regclass)
                AND (d.refclassid = 'pg_class'::regclass AND d.refobjid = live.oid
                  OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (
                    live.reltype, (SELECT typarray FROM pg_type WHERE oid = live.reltype)))
            UNION ALL SELECT DISTINCT CASE v.relkind
                WHEN 'm' THEN 'the materialized view ' || v.oid::regclass
                ELSE 'the view ' || v.oid::regclass || ' of the role ' || pg_get_userbyid(v.relowner) END
              FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class, live
              WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = live.oid
                AND v.oid <> live.oid AND (v.relkind <> 'v' OR NOT pg_has_role(v.relowner, 'USAGE'))
            """;

    private Attachments() {}

    /** A clause of a sentence that names all that does not follow; empty where everything does. */
    static Optional<String> obstacle(Connection connection, PresentTable live, EmbeddingTable wanted)
            throws SQLException {
        List<String> filled =
                new ArrayList<>(wanted.columns().stream().map(Column::name).toList());
        filled.add(EmbeddingTable.EMBEDDED_BY);
        List<String> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setLong(1, live.oid());
            statement.setArray(2, connection.createArrayOf("text", filled.toArray()));
            statement.setString(3, EmbeddingTable.EMBEDDING);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(row.getString(1));
                }
            }
        }
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "a table that takes the place of %s does not have %s: drop what is not needed, or fill a table of another name"
                                .formatted(live.name(), String.join(", ", found)));
    }
}
