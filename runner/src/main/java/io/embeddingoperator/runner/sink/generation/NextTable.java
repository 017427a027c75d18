package io.embeddingoperator.runner.sink.generation;

import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.database.SchemaChange;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.state.Generations;
import io.embeddingoperator.runner.sink.state.Runs;
import io.embeddingoperator.runner.sink.state.Shards;
import io.embeddingoperator.runner.sink.state.VectorSpaces;
import io.embeddingoperator.runner.sink.table.Column;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.GenerationNames;
import io.embeddingoperator.runner.sink.table.PresentTable;
import io.embeddingoperator.runner.sink.table.TextColumn;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table that is filled beside the live one: as it stands where it holds vectors of the wanted space, the one that was live
 * before where that one does, otherwise a new one with all that the live table has.
 */
final class NextTable {
    private static final Logger LOG = LoggerFactory.getLogger(NextTable.class);

    private final GenerationNames names;
    private final PresentTable live;
    private final EmbeddingTable wanted;
    private final Recipe recipe;
    private final String job;

    /**
     * @param wanted the next table as the manifest describes it
     * @param job namespace/name
     */
    NextTable(GenerationNames names, PresentTable live, EmbeddingTable wanted, Recipe recipe, String job) {
        this.names = names;
        this.live = live;
        this.wanted = wanted;
        this.recipe = recipe;
        this.job = job;
    }

    /** What speaks against the names, each as a clause of a sentence. */
    List<String> obstacles(Connection connection) throws SQLException {
        List<String> obstacles = new ArrayList<>();
        for (TableName name : List.of(names.next(), names.before())) {
            if (PresentTable.find(connection, name).isPresent() && !Generations.isMade(connection, name)) {
                obstacles.add(
                        "spec.sink.pgvector.replacement is Swap, which needs the name %s, and a table that no runner made has it: rename or drop it"
                                .formatted(name));
            }
        }
        return obstacles;
    }

    /** The table as it would be made, of what the live one has. */
    PresentTable planned() {
        Map<String, PresentTable.PresentColumn> columns = new LinkedHashMap<>(live.columns());
        columns.put(EmbeddingTable.EMBEDDING, new PresentTable.PresentColumn(wanted.embeddingType(), true, false));
        for (Column column : wanted.columns()) {
            if (!column.required()) {
                columns.putIfAbsent(column.name(), new PresentTable.PresentColumn(column.typeName(), false, false));
            }
        }
        if (wanted.text().isPresent()) {
            columns.putIfAbsent(TextColumn.NAME, new PresentTable.PresentColumn(TextColumn.TYPE, false, true));
        }
        return live.with(columns);
    }

    /**
     * Makes the table, or leaves it as it is; nothing is searched in it yet. The caller holds the lock under which tables are
     * prepared.
     *
     * @param exchange that is tried out where the table is made: a refusal undoes both
     */
    void make(Connection connection, Exchange exchange) throws SQLException {
        if (!serves(connection, names.next())) {
            replace(connection, exchange, serves(connection, names.before()));
        }
        addColumns(connection);
    }

    private void replace(Connection connection, Exchange exchange, boolean former) throws SQLException {
        SchemaChange.of("the table " + live.name(), "oid = %d".formatted(live.oid()))
                .make(connection, statement -> {
                    clear(connection, statement);
                    if (former) {
                        NamedTable.rename(connection, statement, names.before(), names.next());
                    } else {
                        create(connection, statement);
                    }
                    Generations.note(connection, names.next());
                    exchange.rehearse(connection, statement);
                });
        if (former) {
            LOG.info(
                    "{} holds vectors of this model: as {} it is brought up to date beside {}, and then takes its place",
                    names.before(),
                    names.next(),
                    names.live());
        } else {
            LOG.info("{} is filled beside {}, and then takes its place", names.next(), names.live());
        }
    }

    /** Whether a table that a runner made may take the run's rows beside those that it holds. */
    private boolean serves(Connection connection, TableName name) throws SQLException {
        Optional<PresentTable> present = PresentTable.find(connection, name);
        return present.isPresent()
                && Generations.isMade(connection, name)
                && wanted.columns().stream().allMatch(column -> isAs(column, present.get()))
                && VectorSpaces.otherThan(connection, name, recipe, job).isEmpty();
    }

    private static boolean isAs(Column column, PresentTable present) {
        PresentTable.PresentColumn found = present.columns().get(column.name());
        return found == null ? !column.required() : found.type().equals(column.typeName());
    }

    /**
     * A process that still fills a table of another space is shut out before another table gets its name. Where the table is gone,
     * which a person dropped, the run that filled it begins again.
     */
    private void clear(Connection connection, Statement statement) throws SQLException {
        if (PresentTable.find(connection, names.next()).isPresent()) {
            Runs.shutOut(connection, names.next(), Runs.NONE);
            statement.execute("DROP TABLE %s".formatted(names.next().sql()));
        } else {
            Shards.beginAgain(connection, names.next().toString());
        }
    }

    private void create(Connection connection, Statement statement) throws SQLException {
        String table = names.next().sql();
        statement.execute("CREATE TABLE %s (LIKE %s INCLUDING ALL)%s"
                .formatted(table, live.name().sql(), storage(connection)));
        for (String index : searchIndexes(connection)) {
            statement.execute("DROP INDEX " + index);
        }
        statement.execute("ALTER TABLE %s ALTER COLUMN %s TYPE %s"
                .formatted(
                        table,
                        EmbeddingTable.EMBEDDING,
                        wanted.pgvector().columnType(wanted.vectorType(), wanted.dimensions())));
        takeOwnerAndIdentity(connection, statement);
    }

    /** Metadata that a manifest names later, and the mark that tells whose rows are whose. */
    private void addColumns(Connection connection) throws SQLException {
        PresentTable next = PresentTable.find(connection, names.next()).orElseThrow();
        List<String> additions = new ArrayList<>();
        for (Column column : wanted.columns()) {
            if (!column.required() && !next.columns().containsKey(column.name())) {
                additions.add(
                        "ALTER TABLE %s ADD COLUMN %s".formatted(names.next().sql(), column.definition()));
            }
        }
        if (wanted.text().isPresent() && !next.columns().containsKey(TextColumn.NAME)) {
            additions.add("ALTER TABLE %s ADD COLUMN %s"
                    .formatted(names.next().sql(), wanted.text().get().definition()));
        }
        if (!next.columns().containsKey(EmbeddingTable.EMBEDDED_BY)) {
            additions.add(wanted.markColumn());
        }
        if (!additions.isEmpty()) {
            SchemaChange.of("the table " + next.name(), "oid = %d".formatted(next.oid()))
                    .make(connection, statement -> statement.execute(String.join("; ", additions)));
        }
    }

    /** LIKE leaves out the options of storage and the tablespace. */
    private String storage(Connection connection) throws SQLException {
        String sql = """
                SELECT coalesce(' WITH (' || (
                    SELECT string_agg(format('%I = %L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ')
                    FROM unnest(c.reloptions) o) || ')', '')
                  || coalesce(' TABLESPACE ' || quote_ident(s.spcname), '')
                FROM pg_class c LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE c.oid = ?
                """;
        return Catalogue.texts(connection, sql, live.oid()).getFirst();
    }

    /** A load into an indexed table is slow, and the end of the run builds the indexes that the manifest asks for. */
    private List<String> searchIndexes(Connection connection) throws SQLException {
        return Catalogue.texts(connection, """
                SELECT i.indexrelid::regclass::text FROM pg_index i
                JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = ?
                  AND (m.amname, a.attname) IN (('hnsw', 'embedding'), ('gin', 'content_search'))
                """, oid(connection, names.next()));
    }

    private void takeOwnerAndIdentity(Connection connection, Statement statement) throws SQLException {
        String sql = """
                SELECT 'OWNER TO ' || quote_ident(pg_get_userbyid(relowner)) FROM pg_class
                WHERE oid = ? AND pg_get_userbyid(relowner) <> current_user
                """;
        String identity = """
                SELECT 'REPLICA IDENTITY ' || CASE relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END FROM pg_class
                WHERE oid = ? AND relreplident IN ('f', 'n')
                """;
        for (String query : List.of(sql, identity)) {
            for (String change : Catalogue.texts(connection, query, live.oid())) {
                statement.execute("ALTER TABLE %s %s".formatted(names.next().sql(), change));
            }
        }
    }

    private static long oid(Connection connection, TableName name) throws SQLException {
        return PresentTable.find(connection, name).orElseThrow().oid();
    }
}
