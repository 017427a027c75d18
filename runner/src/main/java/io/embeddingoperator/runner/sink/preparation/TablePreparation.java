package io.embeddingoperator.runner.sink.preparation;

import io.embeddingoperator.api.v1alpha1.EmptyPolicy;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.TableOwnership;
import io.embeddingoperator.api.v1alpha1.TableReplacement;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.database.SchemaChange;
import io.embeddingoperator.runner.sink.generation.Swap;
import io.embeddingoperator.runner.sink.index.HnswIndex;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.state.Runs;
import io.embeddingoperator.runner.sink.state.Shards;
import io.embeddingoperator.runner.sink.state.StateSchema;
import io.embeddingoperator.runner.sink.state.StateTrust;
import io.embeddingoperator.runner.sink.state.TableOwners;
import io.embeddingoperator.runner.sink.state.VectorSpaces;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.Pgvector;
import io.embeddingoperator.runner.sink.table.PresentTable;
import io.embeddingoperator.runner.sink.table.RowOwner;
import io.embeddingoperator.runner.sink.table.Server;
import io.embeddingoperator.runner.sink.table.TextColumn;
import io.embeddingoperator.runner.source.SourceSchema;
import java.lang.module.ModuleDescriptor.Version;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a database ready to take vectors. First everything that stands against it is found, then something is written.
 */
public final class TablePreparation {
    private static final Logger log = LoggerFactory.getLogger(TablePreparation.class);
    private static final String FIELD = "spec.sink.pgvector.table";

    private final PgvectorSink spec;
    private final String job;
    private final SourceSchema schema;
    private final int dimensions;
    private final Recipe recipe;

    /**
     * @param job namespace/name
     * @param recipe that the table is to be filled with
     */
    public TablePreparation(PgvectorSink spec, String job, SourceSchema schema, int dimensions, Recipe recipe) {
        EmbeddingTable.checkNames(schema, spec.textSearch() != null);
        int limit = Pgvector.maxIndexedDimensions(spec.vectorType());
        if (spec.index().type() == IndexType.HNSW && dimensions > limit) {
            throw new SpecificationException(
                    ("spec.sink.pgvector.index.type is HNSW, which takes at most %d dimensions for vectorType "
                                    + "%s, and the "
                                    + "embedder makes %d: use fewer dimensions, a vectorType that takes them, or "
                                    + "index type None")
                            .formatted(limit, spec.vectorType(), dimensions));
        }
        this.spec = spec;
        this.job = job;
        this.schema = schema;
        this.dimensions = dimensions;
        this.recipe = recipe;
    }

    /** Checks and creates; the caller holds the lock that keeps others from doing so at the same time. */
    public PreparedTable run(Connection connection) throws SQLException {
        Server server = Server.of(connection);
        Optional<PresentTable> present = PresentTable.find(connection, TableName.parse(FIELD, spec.table()));
        EmbeddingTable table = wanted(server, present);

        List<String> obstacles = new ArrayList<>(server.obstacles());
        server.refusal(schema.keyType()).ifPresent(obstacles::add);
        List<String> distrust = StateTrust.obstacles(connection);
        if (table.text().isPresent()) {
            TextColumnCheck.refusal(connection, table.text().get()).ifPresent(obstacles::add);
        }
        obstacles.addAll(distrust.isEmpty() ? StateSchema.obstacles(connection) : distrust);
        Optional<Swap.Plan> swap = obstacles.isEmpty() ? swap(connection, table, present) : Optional.empty();
        if (swap.isPresent()) {
            obstacles.addAll(swap.get().obstacles(connection));
            obstacles.addAll(differences(connection, table, swap.get().planned()));
        } else {
            obstacles.addAll(
                    present.isPresent()
                            ? differences(connection, table, present.get())
                            : creation(connection, server, table));
        }
        refuse(obstacles);
        if (swap.isEmpty() && present.isPresent()) {
            VectorSpaces.otherThan(connection, table.name(), recipe, job)
                    .ifPresent(filled -> obstacles.add(VectorSpaces.refusal(table.name(), filled, recipe)));
        }
        OwnershipCheck ownership = ownership(connection, table, present);
        ownership.refusal().ifPresent(obstacles::add);
        boolean marked = present.isEmpty() || present.get().owned() || isMarked(present.get());
        if (!marked && swap.isEmpty()) {
            missingMark(table, present.orElseThrow()).ifPresent(obstacles::add);
        }
        refuse(obstacles);

        StateSchema.create(connection);
        RowOwner owner =
                TableOwners.record(connection, table.name().toString(), job, spec.ownership(), ownership.claim());
        try (Statement statement = connection.createStatement()) {
            if (server.installed().isEmpty()) {
                statement.execute("CREATE EXTENSION vector");
                log.info(
                        "Installed pgvector {} in the database {}",
                        server.available().orElseThrow(),
                        server.database());
            }
            if (present.isEmpty()) {
                EmbeddingTable created = wanted(Server.of(connection), present).ownedBy(owner);
                Shards.beginAgain(connection, created.name().toString());
                statement.execute(created.definition());
                log.info("Created the table {}", created.name());
                return PreparedTable.live(created);
            }
        }
        if (swap.isPresent()) {
            return beside(connection, swap.get(), isMarked(present.get()) ? table.ownedBy(owner) : table);
        }
        if (!marked) {
            return PreparedTable.live(table);
        }
        if (!isMarked(present.get())) {
            SchemaChange.of(
                            "the table " + table.name(),
                            "oid = %d".formatted(present.get().oid()))
                    .make(connection, statement -> statement.execute(table.markColumn()));
            log.info("Added the column {} to the table {}", EmbeddingTable.EMBEDDED_BY, table.name());
        }
        return PreparedTable.live(table.ownedBy(owner));
    }

    private static boolean isMarked(PresentTable present) {
        return present.columns().containsKey(EmbeddingTable.EMBEDDED_BY);
    }

    /** What is to be done where the table holds what the manifest's vectors may not be put beside; empty where it is not so. */
    private Optional<Swap.Plan> swap(Connection connection, EmbeddingTable table, Optional<PresentTable> present)
            throws SQLException {
        if (spec.replacement() == TableReplacement.InPlace
                || present.filter(PresentTable::isTable).isEmpty()
                || !present.get().missingPrivileges().isEmpty()) {
            return Optional.empty();
        }
        PresentTable.PresentColumn embedding = present.get().columns().get(EmbeddingTable.EMBEDDING);
        boolean other = embedding != null
                && (!embedding.type().equals(table.embeddingType())
                        || VectorSpaces.otherThan(connection, table.name(), recipe, job)
                                .isPresent());
        return other
                ? Optional.of(new Swap.Plan(present.get(), table, recipe, job, spec.keepGenerations() > 0))
                : Optional.empty();
    }

    /** @param live with the mark of the job, where its rows have one */
    private PreparedTable beside(Connection connection, Swap.Plan plan, EmbeddingTable live) throws SQLException {
        refuse(plan.strangers(connection, live).stream().toList());
        plan.prepare(connection);
        EmbeddingTable next = plan.wanted().named(plan.names().next());
        // No other job fills it, and a table that was live before may bear marks of one that had it then.
        RowOwner owner =
                TableOwners.record(connection, next.name().toString(), job, spec.ownership(), TableOwners.Claim.ADOPT);
        return PreparedTable.beside(new Swap(live, next.ownedBy(owner), plan.keeping()));
    }

    private static void refuse(List<String> obstacles) {
        if (!obstacles.isEmpty()) {
            throw new SpecificationException(
                    "The sink cannot be used, and nothing was written: %s.".formatted(String.join("; ", obstacles)));
        }
    }

    private OwnershipCheck ownership(Connection connection, EmbeddingTable table, Optional<PresentTable> present)
            throws SQLException {
        String name = table.name().toString();
        return new OwnershipCheck(
                job,
                name,
                spec.ownership(),
                TableOwners.of(connection, name),
                Runs.jobs(connection, name),
                present.isEmpty() ? Optional.empty() : Optional.of(rows(connection, table)));
    }

    private static OwnershipCheck.Rows rows(Connection connection, EmbeddingTable table) throws SQLException {
        String sql = "SELECT count(*) FROM (SELECT FROM %s LIMIT %d) counted"
                .formatted(table.name().sql(), OwnershipCheck.Rows.MOST + 1);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return new OwnershipCheck.Rows(row.getInt(1));
        }
    }

    /** Without the column rows of others look like the job's own, which does no harm where none is removed. */
    private Optional<String> missingMark(EmbeddingTable table, PresentTable present) {
        String statement = "let the owner of the table run: " + table.markColumn();
        if (spec.orphans() == OrphanPolicy.Delete || spec.onEmpty() == EmptyPolicy.Delete) {
            String field = spec.orphans() == OrphanPolicy.Delete ? "orphans" : "onEmpty";
            return Optional.of(
                    ("spec.sink.pgvector.%s is Delete, and %s has no column %s that tells which rows are this job's: %s;"
                                    + " or use Keep")
                            .formatted(field, table.name(), EmbeddingTable.EMBEDDED_BY, statement));
        }
        if (spec.ownership() == TableOwnership.Share) {
            return Optional.of(
                    "spec.sink.pgvector.ownership is Share, and %s has no column %s that tells which rows are this job's: %s"
                            .formatted(table.name(), EmbeddingTable.EMBEDDED_BY, statement));
        }
        log.warn(
                "The table {} has no column {} that tells which rows are this job's, and the role {} may not add it, so that a"
                        + " document replaces all rows that have its key: {}",
                table.name(),
                EmbeddingTable.EMBEDDED_BY,
                present.role(),
                statement);
        return Optional.empty();
    }

    private EmbeddingTable wanted(Server server, Optional<PresentTable> present) {
        TableName written = TableName.parse(FIELD, spec.table());
        TableName name = present.map(PresentTable::name)
                .orElseGet(() -> new TableName(written.schema().or(server::schema), written.table()));
        Pgvector pgvector = server.installed()
                .orElseGet(
                        () -> new Pgvector(Version.parse("0"), server.schema().orElse("public")));
        return new EmbeddingTable(
                name,
                schema.keyName(),
                schema.keyType(),
                schema.metadata(),
                spec.vectorType(),
                dimensions,
                pgvector,
                Optional.ofNullable(spec.textSearch()).map(words -> new TextColumn(words.config())),
                Optional.empty());
    }

    private List<String> differences(Connection connection, EmbeddingTable table, PresentTable present)
            throws SQLException {
        List<String> differences = new ArrayList<>(TableCheck.differences(table, present));
        differences.addAll(TextColumnCheck.differences(connection, table, present));
        differences.addAll(TableTrust.differences(connection, present));
        if (present.isTable()
                && spec.index().type() == IndexType.HNSW
                && !present.owned()
                && present.columns().containsKey(EmbeddingTable.EMBEDDING)
                && !new HnswIndex(table.name(), spec.vectorType(), spec.index(), table.pgvector()).exists(connection)) {
            differences.add(
                    "the role %s does not own it and cannot create the HNSW index: create the index or use type None"
                            .formatted(present.role()));
        }
        return differences.isEmpty()
                ? List.of()
                : List.of(("%s is %s, whose rows cannot be written: %s; change the table, or name one that does "
                                + "not exist " + "and it is created")
                        .formatted(FIELD, present.name(), String.join(", ", differences)));
    }

    private static List<String> creation(Connection connection, Server server, EmbeddingTable table)
            throws SQLException {
        if (table.name().schema().isEmpty()) {
            return List.of(
                    "%s is %s without a schema, and no schema of the role %s's search_path exists: write schema.table"
                            .formatted(FIELD, table.name(), server.role()));
        }
        String schema = table.name().schema().get();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT has_schema_privilege(oid, 'USAGE') AND has_schema_privilege(oid, 'CREATE')"
                        + " FROM pg_namespace WHERE nspname = ?")) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return List.of("%s is %s, and the schema %s does not exist: create it or correct the name"
                            .formatted(FIELD, table.name(), schema));
                }
                return row.getBoolean(1)
                        ? List.of()
                        : List.of(("%s is %s, which does not exist, and the role %s may not create it: "
                                        + "let the owner of schema %s run: GRANT USAGE, CREATE ON SCHEMA %s TO %s")
                                .formatted(FIELD, table.name(), server.role(), schema, schema, server.role()));
            }
        }
    }
}
