package io.embeddingoperator.runner.sink;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.EmptyPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.TextSearchSpec;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.postgres.Database;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.database.AdvisoryLock;
import io.embeddingoperator.runner.sink.database.SinkDatabase;
import io.embeddingoperator.runner.sink.index.IndexProgress;
import io.embeddingoperator.runner.sink.preparation.PreparedTable;
import io.embeddingoperator.runner.sink.preparation.TablePreparation;
import io.embeddingoperator.runner.sink.run.Damage;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunEnding;
import io.embeddingoperator.runner.sink.run.RunMoney;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.run.RunState;
import io.embeddingoperator.runner.sink.run.RunTotals;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.sink.search.NearestRows;
import io.embeddingoperator.runner.sink.search.SearchFilter;
import io.embeddingoperator.runner.sink.search.SearchHit;
import io.embeddingoperator.runner.sink.search.SearchedTable;
import io.embeddingoperator.runner.sink.search.Words;
import io.embeddingoperator.runner.sink.spending.Spending;
import io.embeddingoperator.runner.sink.state.FailedDocuments;
import io.embeddingoperator.runner.sink.state.RunModels;
import io.embeddingoperator.runner.sink.state.Runs;
import io.embeddingoperator.runner.sink.state.Shards;
import io.embeddingoperator.runner.sink.state.StateSchema;
import io.embeddingoperator.runner.sink.state.StateTrust;
import io.embeddingoperator.runner.sink.state.Watermarks;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.PresentTable;
import io.embeddingoperator.runner.sink.table.TextColumn;
import io.embeddingoperator.runner.sink.window.OrphanEnd;
import io.embeddingoperator.runner.sink.window.OrphanLimit;
import io.embeddingoperator.runner.sink.window.OrphanRemoval;
import io.embeddingoperator.runner.sink.window.OrphanSearch;
import io.embeddingoperator.runner.sink.window.ShardFence;
import io.embeddingoperator.runner.sink.window.ShardWindows;
import io.embeddingoperator.runner.source.Known;
import io.embeddingoperator.runner.source.Planner;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceKeys;
import io.embeddingoperator.runner.source.SourcePlan;
import io.embeddingoperator.runner.source.SourceSchema;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The database that a run writes to: the table of vectors, and beside it the state that makes every document arrive
 * exactly once. Everything here may be called again after a failure, also by another process.
 *
 * <p>A document that fails keeps the rows that it had before. All methods throw
 * {@link io.embeddingoperator.runner.failure.UnavailableException} when the server stays away or the thread is
 * interrupted, and {@link io.embeddingoperator.runner.failure.SpecificationException} when a person must change
 * something.
 */
public final class EmbeddingSink implements AutoCloseable {
    private PgvectorSink spec;
    private final SinkDatabase database;
    private final Map<Owned, ShardFence> fences = new ConcurrentHashMap<>();
    private final Map<Long, OrphanLimit> limits = new ConcurrentHashMap<>();
    private final Map<Long, OrphanRemoval> removals = new ConcurrentHashMap<>();
    private volatile @Nullable PreparedTable prepared;
    private volatile OrphanRemoval orphans = OrphanRemoval.NONE;
    private volatile Optional<Spending> spending = Optional.empty();

    private EmbeddingSink(PgvectorSink spec, SinkDatabase database) {
        this.spec = spec;
        this.database = database;
    }

    /** Connects, and writes nothing. */
    public static EmbeddingSink open(PgvectorSink spec, ConnectionUri uri) {
        return open(spec, uri, Database.PATIENCE);
    }

    /** @param patience how long work is tried again while the server is away */
    static EmbeddingSink open(PgvectorSink spec, ConnectionUri uri, Duration patience) {
        return new EmbeddingSink(spec, SinkDatabase.open(uri, patience));
    }

    /**
     * Refuses a process of a run that is under way whose model has other files than the run began with; needs no {@link #prepare},
     * and comes before it.
     */
    public void checkFiles(RunRequest request) {
        database.read("Looking for the run", connection -> {
            Runs.checkFiles(connection, request);
            return true;
        });
    }

    /**
     * Checks the server (15 or newer), pgvector (0.8 or newer), permissions and the table when it is present; then
     * creates what is missing: the extension where the role may, the state schema, the table. Nothing is written
     * before every difference was found, and all are named in one message.
     *
     * @param job namespace/name, which owns the table from then on
     * @param dimensions of the embedder's vectors
     * @param metric that they are made for; the index has it unless the manifest names another
     * @param recipe that the table is to be filled with: it holds vectors of one space alone
     */
    public void prepare(String job, SourceSchema schema, int dimensions, DistanceMetric metric, Recipe recipe) {
        spec = spec.orMetric(metric);
        TablePreparation preparation = new TablePreparation(spec, job, schema, dimensions, recipe);
        TableName wanted = TableName.parse("spec.sink.pgvector.table", spec.table());
        prepared = database.session(
                "Preparing the sink",
                connection -> AdvisoryLock.preparation(wanted).holding(connection, preparation::run));
        database.prepared();
        orphans = OrphanRemoval.of(spec.orphans(), schema);
    }

    /**
     * The run of a job into this table: the open one, or a new one that the first process plans under a lock.
     *
     * <p>An unfinished run of the same specification is continued. With {@link RunRequest#continueOnly} a finished one
     * is returned as it is, and another specification is refused; without it, both start a new pass. A new pass
     * replaces any unfinished run of the job that writes to the table, and shuts its processes out.
     *
     * @param planner called at most once, by one process, with what the run need not read
     */
    public Run openRun(RunRequest request, Planner planner) {
        EmbeddingTable table = table();
        OptionalInt owner =
                table.owner().map(marking -> OptionalInt.of(marking.id())).orElse(OptionalInt.empty());
        return database.session(
                "Opening the run",
                connection -> AdvisoryLock.named("runs of " + request.job() + " into " + table.name(), table.name())
                        .holding(
                                connection,
                                locked -> Runs.open(
                                        locked,
                                        request,
                                        table.name(),
                                        prepared().generations(),
                                        owner,
                                        since -> UnchangedFiles.plan(
                                                database,
                                                table,
                                                request,
                                                files -> planner.plan(new Known(since, files))))));
    }

    /** The same of a source that is read as a whole. */
    public Run openRun(RunRequest request, Supplier<List<ShardRange>> planner) {
        return openRun(request, _ -> SourcePlan.everything(planner.get()));
    }

    /**
     * The commit of the model of the run that {@link #openRun} would go on with, where its manifest names a branch or tag; needs
     * no {@link #prepare}.
     */
    public Optional<String> modelCommit(String job, int run, String specification, boolean continueOnly) {
        return database.read(
                "Reading the model's commit",
                connection -> RunModels.ofRun(connection, job, run, specification, continueOnly));
    }

    /**
     * The commit of the model of a job's latest run; needs no {@link #prepare}.
     *
     * @param job namespace/name
     */
    public Optional<String> modelCommit(String job) {
        return database.read("Reading the model's commit", connection -> RunModels.ofJob(connection, job));
    }

    /**
     * Takes a shard: an earlier owner can commit no more.
     *
     * @return empty when the shard is complete already, or when the plan has fewer shards
     */
    public Optional<ShardLease> take(Run run, int shard) {
        return database.transaction(
                "Taking shard %d".formatted(shard), connection -> Shards.take(connection, run, shard));
    }

    /** Where the windows of a shard go that this process has taken. */
    public WindowSink windows(Run run, ShardLease lease, SourceSchema schema, Durability durability) {
        return new ShardWindows(database, fence(run, lease), table(), run, lease, schema, search(run), durability);
    }

    /**
     * Documents of a shard that this process has taken, which wait for their vectors, and their batches. May be used beside
     * {@link #windows} of the same lease.
     */
    public PendingDocuments pending(Run run, ShardLease lease, BatchMoney money) {
        return new PendingDocuments(
                database, fence(run, lease), run, lease, prepared == null ? null : table(), search(run), money);
    }

    /**
     * Begins to spend money of the run for a process. What it spent is written down, and its lease given back, before a shard is
     * marked as complete, every second, and when it is closed.
     *
     * @param shard of this process; 0 where it has all of them
     * @param maxUsd of the whole run; empty without a limit
     */
    public Spending spending(Run run, int shard, Optional<BigDecimal> maxUsd) {
        Spending begun = Spending.begin(database, run, shard, maxUsd);
        spending = Optional.of(begun);
        return begun;
    }

    /**
     * The runs of a job, into any table, that have batches which are not over; needs no {@link #prepare}.
     *
     * @param job namespace/name, and the uid where there is one
     */
    public List<Run> runsWithUnfinishedBatches(String job) {
        return database.read("Looking for batches", connection -> {
            List<String> distrust = StateTrust.obstacles(connection);
            if (!distrust.isEmpty()) {
                throw new SpecificationException(
                        "The sink's state cannot be used: %s.".formatted(String.join("; ", distrust)));
            }
            return StateSchema.hasBatches(connection) ? Runs.withUnfinishedBatches(connection, job) : List.of();
        });
    }

    /** What the whole run has cost so far, and its batches. */
    public RunMoney money(Run run) {
        return database.read("Reading the costs of the run", connection -> Runs.money(connection, run.id()));
    }

    /** What committed windows have made of the run. */
    public RunState state(Run run) {
        return database.read("Reading the state of the run", connection -> Runs.state(connection, run));
    }

    /** What all shards but one have committed, in one row however many there are. */
    public RunTotals totalsWithout(Run run, int shard) {
        return database.read("Reading the sum of the run", connection -> Shards.totalsWithout(connection, run, shard));
    }

    /**
     * Ends the run when all shards are complete, and does nothing before: builds the index, removes orphans unless there are
     * too many, puts the table in the place of another one where it is made for that, marks the run as complete. Of several
     * processes one works and the others wait; safe to repeat.
     *
     * @param maxFailed documents that may fail; with more of them no table takes another one's place
     * @param progress called about twice a second while the index is built, by this process or another one
     */
    public RunEnding finish(Run run, long maxFailed, Consumer<IndexProgress> progress) {
        return finish(run, maxFailed, Optional.empty(), progress);
    }

    /**
     * The same for a run that may have read only what changed.
     *
     * @param keys of the source, with which those of the table are compared then
     */
    public RunEnding finish(Run run, long maxFailed, Optional<SourceKeys> keys, Consumer<IndexProgress> progress) {
        OrphanEnd orphanEnd = new OrphanEnd(run, table(), removal(run), spec.onEmpty(), limit(run), keys);
        Optional<SwapEnd> swapEnd = prepared()
                .swap()
                .map(swap -> new SwapEnd(
                        swap,
                        run,
                        spec.orphans(),
                        maxFailed,
                        limit(run, swap.live().name())));
        RunEnd end = new RunEnd(database, spec, table(), run, orphanEnd, swapEnd, progress);
        return database.session("Finishing the run", end::reach);
    }

    /** How many documents a run may remove; what it adds itself changes nothing of that. */
    private OrphanLimit limit(Run run) {
        return limits.computeIfAbsent(run.id(), _ -> limit(run, table().name()));
    }

    private OrphanLimit limit(Run run, TableName name) {
        return new OrphanLimit(
                name.toString(),
                spec.orphanLimitPercent(),
                database.read(
                        "Reading how many documents the job had",
                        connection -> Runs.documentsBefore(connection, name.toString(), run.jobName(), run.id())));
    }

    private OrphanSearch search(Run run) {
        return prepared == null || orphans == OrphanRemoval.NONE && spec.onEmpty() == EmptyPolicy.Keep
                ? OrphanSearch.NONE
                : new OrphanSearch(removal(run), spec.onEmpty(), limit(run).most());
    }

    private OrphanRemoval removal(Run run) {
        return removals.computeIfAbsent(
                run.id(),
                _ -> database.read(
                                "Asking what the run reads", connection -> Watermarks.isOfChanges(connection, run.id()))
                        ? orphans.withoutReading()
                        : orphans);
    }

    /**
     * The recipe under which the newest run filled the table; needs no {@link #prepare}.
     *
     * @return empty where there was no run, or where the role may not read it
     */
    public Optional<String> recipe() {
        return database.read("Reading what filled the table", connection -> {
            Optional<PresentTable> present =
                    PresentTable.find(connection, TableName.parse("spec.sink.pgvector.table", spec.table()));
            return present.isEmpty()
                    ? Optional.empty()
                    : Runs.recipe(connection, present.get().name().toString());
        });
    }

    /**
     * Whether a search can be made with these conditions; needs no {@link #prepare}.
     *
     * @param words whether words are looked for too
     * @throws SpecificationException when there is no table yet, or when it cannot meet one of them
     */
    public void checkSearch(List<SearchFilter> filters, boolean words) {
        TableName name = TableName.parse("spec.sink.pgvector.table", spec.table());
        if (words && spec.textSearch() == null) {
            throw new SpecificationException("--hybrid looks for words too, and the manifest has no"
                    + " spec.sink.pgvector.textSearch: add it, such as {config: english}, and run the job");
        }
        SearchedTable table =
                database.read("Checking the search", connection -> SearchedTable.find(connection, name, filters));
        if (words && !table.hasWords()) {
            throw new SpecificationException(
                    "--hybrid looks for words too, and %s has no column %s: run the job first, which says how it gets one"
                            .formatted(table.present().name(), TextColumn.NAME));
        }
    }

    /**
     * The rows that are nearest to a vector, the nearest first; needs no {@link #prepare}.
     *
     * @param metric that the vectors are made for, unless the manifest names another
     * @param filters which all must hold
     * @param limit at most
     */
    public List<SearchHit> search(float[] query, DistanceMetric metric, List<SearchFilter> filters, int limit) {
        return search(query, Optional.empty(), metric, filters, limit);
    }

    /**
     * The rows that are near to a vector or have the words of a text, or best of all both; needs no {@link #prepare}.
     *
     * @param text in the language of web searches
     */
    public List<SearchHit> searchHybrid(
            float[] query, String text, DistanceMetric metric, List<SearchFilter> filters, int limit) {
        TextSearchSpec words = Objects.requireNonNull(spec.textSearch(), "textSearch");
        return search(query, Optional.of(new Words(new TextColumn(words.config()), text)), metric, filters, limit);
    }

    private List<SearchHit> search(
            float[] query, Optional<Words> words, DistanceMetric metric, List<SearchFilter> filters, int limit) {
        NearestRows rows = new NearestRows(
                TableName.parse("spec.sink.pgvector.table", spec.table()),
                spec.vectorType(),
                Objects.requireNonNull(spec.orMetric(metric).index().metric()));
        return database.read("Searching", connection -> rows.find(connection, query, words, filters, limit));
    }

    /**
     * The first failures of the run, in the order in which they were committed.
     *
     * @param shard whose failures alone are wanted, or empty for those of all shards
     */
    public List<FailedDocument> failedDocuments(Run run, OptionalInt shard, int limit) {
        return database.read(
                "Reading the failed documents", connection -> FailedDocuments.read(connection, run.id(), shard, limit));
    }

    /** The parts of files that no shard of the run could read. */
    public Optional<Damage> damage(Run run) {
        return database.read("Reading of damaged files", connection -> FailedDocuments.damage(connection, run.id()));
    }

    private ShardFence fence(Run run, ShardLease lease) {
        return fences.computeIfAbsent(
                new Owned(run.id(), lease.shard(), lease.epoch()),
                _ -> new ShardFence(database, run, lease, () -> spending.ifPresent(Spending::settleUp)));
    }

    /** A shard under an epoch. */
    private record Owned(long run, int shard, long epoch) {}

    private PreparedTable prepared() {
        PreparedTable known = prepared;
        if (known == null) {
            throw new IllegalStateException("prepare() comes first");
        }
        return known;
    }

    private EmbeddingTable table() {
        return prepared().table();
    }

    @Override
    public void close() {
        database.close();
    }
}
