package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.Access;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.postgres.Database;
import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.SqlFailure;
import io.embeddingoperator.runner.postgres.SqlWork;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Known;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.SourceKeys;
import io.embeddingoperator.runner.source.SourcePlan;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.Watermark;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.source.WorkUnit;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rows of a table or view, read by ascending key in short transactions that leave the database alone in between. */
public final class PostgresSource implements Source {
    private static final Logger log = LoggerFactory.getLogger(PostgresSource.class);

    /** A reader needs one only while it fetches a page. */
    private static final int CONNECTIONS = 4;

    private final Database database;
    private final TableQueries queries;
    private final boolean keyHasIndex;
    private final TableSize size;
    private final Optional<ChangeColumn> changes;

    private PostgresSource(
            Database database,
            TableQueries queries,
            boolean keyHasIndex,
            TableSize size,
            Optional<ChangeColumn> changes) {
        this.database = database;
        this.queries = queries;
        this.keyHasIndex = keyHasIndex;
        this.size = size;
        this.changes = changes;
    }

    /**
     * Connects, and checks table, columns, permissions and condition.
     *
     * @throws SpecificationException when the manifest does not fit the database
     * @throws io.embeddingoperator.runner.failure.UnavailableException when the database cannot be reached
     */
    public static PostgresSource open(io.embeddingoperator.api.v1alpha1.PostgresSource spec, ConnectionUri uri) {
        TableName wanted = TableName.parse("spec.source.postgres.table", spec.table());
        Database database = Database.open(server(spec, uri), Access.READS, CONNECTIONS);
        try {
            return database.readOnly("Looking up " + wanted, connection -> inspect(spec, wanted, database, connection));
        } catch (SQLException e) {
            database.close();
            throw database.failure("looking up " + wanted, e);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** One that is behind would not have what changed by the time at which the next run begins to read. */
    private static ConnectionUri server(io.embeddingoperator.api.v1alpha1.PostgresSource spec, ConnectionUri uri) {
        if (spec.changeColumn() == null) {
            return uri;
        }
        ConnectionUri primary = uri.forWriting();
        if (primary.mayMeetStandbys()) {
            throw new SpecificationException(
                    ("%s is '%s', and %s names several servers and not the primary alone, of which some may be behind: set"
                                    + " targetServerType=primary (target_session_attrs=primary) there, or leave %1$s out")
                            .formatted(ChangeColumn.FIELD, spec.changeColumn(), uri.variable()));
        }
        return primary;
    }

    @Override
    public SourceSchema schema() {
        DocumentColumns columns = queries.columns();
        return new SourceSchema(
                queries.table().name().toString(),
                columns.key().name(),
                columns.key().type(),
                columns.metadata(),
                KeyOrder.BY_KEY,
                WorkUnit.DOCUMENTS);
    }

    List<ShardRange> plan(int shards, long exactRows, long blocksPerShard) {
        return dividing(
                shards,
                connection -> new RangePlanner(queries, size, exactRows, blocksPerShard).plan(connection, shards));
    }

    @Override
    public SourcePlan plan(int shards, Known known) {
        return plan(shards, known.since(), ChangePlanner.OVERLAP);
    }

    SourcePlan plan(int shards, Optional<Watermark> since, Duration overlap) {
        if (changes.isEmpty()) {
            return SourcePlan.everything(plan(shards, RangePlanner.EXACT_ROWS, RangePlanner.BLOCKS_PER_SHARD));
        }
        ChangePlanner planner = new ChangePlanner(queries, changes.get(), size, overlap);
        return dividing(shards, connection -> planner.plan(connection, shards, since.map(TableWatermark::parse)));
    }

    private <T> T dividing(int shards, SqlWork<T> work) {
        String dividing = "dividing %s into %d shards".formatted(queries.table().name(), shards);
        try {
            return database.readRows("D" + dividing.substring(1), connection -> {
                Database.waitFor(connection);
                return work.run(connection);
            });
        } catch (SQLException e) {
            if (SqlFailure.of(e) == SqlFailure.DATA) {
                throw new SpecificationException(
                        "%s cannot be divided into %d shards: %s: %s"
                                .formatted(
                                        queries.table().name(),
                                        shards,
                                        SqlFailure.words(e),
                                        queries.condition().remedy()),
                        e);
            }
            throw database.failure(dividing, e);
        }
    }

    @Override
    public Optional<SourceKeys> keys() {
        return changes.map(_ -> new TableKeys(database, queries));
    }

    @Override
    public WindowReader read(ShardRange range, Optional<Position> after, int windowDocuments) {
        Optional<ChangedRange> changed = ChangedRange.parse(range.definition());
        return new TableReader(
                database,
                changed.map(this::queries).orElse(queries),
                changed.map(ChangedRange::keys).orElseGet(() -> KeyBounds.parse(range.definition())),
                range.shard() == 0 && queries.columns().key().nullable(),
                keyHasIndex && changed.map(ChangedRange::many).orElse(true),
                windowDocuments,
                after.map(ReadPosition::parse).orElse(ReadPosition.START));
    }

    private TableQueries queries(ChangedRange range) {
        ChangeColumn column = changes.orElseThrow(() -> new SpecificationException(
                "this run reads what changed by %s, and the manifest has none any more: put it back, or change spec.runNonce"
                        .formatted(ChangeColumn.FIELD)));
        return queries.of(new ChangedSince(column, range.changedSince()));
    }

    @Override
    public void close() {
        database.close();
    }

    private static PostgresSource inspect(
            io.embeddingoperator.api.v1alpha1.PostgresSource spec,
            TableName wanted,
            Database database,
            Connection connection)
            throws SQLException {
        Catalog catalog = new Catalog(connection);
        CatalogTable table = catalog.table(wanted);
        SourceRole role = SourceRole.of(connection);
        DocumentColumns columns = DocumentColumns.of(spec, table, role.name());
        Optional<ChangeColumn> changes = ChangeColumn.of(spec, table, role.name());
        Condition condition = Condition.of(spec.where());
        condition.check(connection, table);
        role.excess()
                .ifPresent(excess -> log.warn(
                        "the role {} of the source ({}) {}, and reading needs none of that: give it SELECT alone",
                        role.name(),
                        database.uri().variable(),
                        excess));
        KeyColumns key = columns.key();
        boolean unique = catalog.isUnique(table, key);
        boolean indexed = catalog.isIndexed(table, key);
        if (!unique) {
            checkEquality(key, table);
        }
        if (!indexed && table.kind().isStored()) {
            warnOfNoIndex(
                    table,
                    key,
                    "every page scans the table",
                    key.columns().size() == 1 ? "" : ", or name the columns in the order of an index that there is");
        }
        if (changes.isPresent()) {
            KeyColumns column = new KeyColumns(List.of(changes.get().column()));
            if (!catalog.isIndexed(table, column)) {
                warnOfNoIndex(table, column, "every run scans the table to find what changed", "");
            }
        }
        Optional<CompositeKey> composite = unique ? Optional.empty() : catalog.compositeKey(table, key);
        composite.ifPresent(several ->
                log.warn("{} names {} of {}{}", key.field(), key.names(" and "), table.name(), several.remedy()));
        TableSize size = table.kind().isStored() ? catalog.size(table) : new TableSize(0, 0);
        return new PostgresSource(
                database,
                new TableQueries(table, columns, condition, unique, composite, Optional.empty()),
                indexed,
                size,
                changes);
    }

    private static void warnOfNoIndex(CatalogTable table, KeyColumns columns, String cost, String otherwise) {
        log.warn(
                "{} has no index on {}: {}; create one: CREATE INDEX ON {} ({}){}",
                table.name(),
                columns.names(", "),
                cost,
                table.name().sql(),
                columns.columns().stream()
                        .map(column -> Identifier.quote(column.name()))
                        .collect(Collectors.joining(", ")),
                otherwise);
    }

    private static void checkEquality(KeyColumns key, CatalogTable table) {
        for (CatalogColumn column : key.columns()) {
            if (!column.exactEquality()) {
                throw new SpecificationException(
                        "%s names '%s', whose collation takes different texts for equal, and no unique index of that collation shows that keys"
                                        .formatted(key.field(), column.name())
                                + " differ in %s: create one, or choose another column".formatted(table.name()));
            }
        }
    }
}
