package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.batch.BatchPlan;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.Packing;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * One flow of documents through stages that work side by side: one window is read, another tokenized, a third embedded and
 * a fourth written. The windows of a shard follow those of the shard before without a gap, and all are committed in the
 * order in which they were read, so that a checkpoint covers everything before it.
 */
final class Flow {
    /** The last step of a queue. */
    private static final Stages.Stage END = () -> {};

    private final Embedder embedder;
    private final PipelineListener listener;
    private final BooleanSupplier stopping;
    private final ExecutorService tokenizers;
    private final Preparer preparer;
    private final Bisection bisection;
    private final MemoryBudget texts;

    /** Of its own, and asked for in the order of the windows: those that have their share need nothing more to be committed. */
    private final MemoryBudget vectors;

    private final BlockingQueue<Stages.Stage> read;
    private final BlockingQueue<Stages.Stage> batches;
    private final BlockingQueue<Stages.Stage> commits;
    /** A queue of requests may take minutes, which a process that is asked to stop does not have; what came back is stored all the same. */
    private final boolean stopsBetweenRequests;

    /** Why nothing more is begun: the source or the embedder cannot go on. What fails in the sink ends everything at once. */
    private final AtomicReference<RuntimeException> ending = new AtomicReference<>();

    /** Whether a window was not whole, for the thread that writes: a checkpoint covers everything before it, so none may follow. */
    private boolean gap;

    Flow(
            Embedder embedder,
            Chunker chunker,
            PipelineLimits limits,
            PipelineListener listener,
            BooleanSupplier stopping) {
        this.embedder = embedder;
        this.listener = listener;
        this.stopsBetweenRequests = embedder.batchLimits().packing() == Packing.SUMMED;
        this.stopping = () -> stopping.getAsBoolean() || ending.get() != null;
        this.tokenizers = Executors.newFixedThreadPool(
                limits.tokenizerThreads(),
                Thread.ofPlatform().name("tokenize-", 0).factory());
        this.preparer = new Preparer(chunker, chunker.fingerprint() + "|" + embedder.fingerprint(), tokenizers);
        this.bisection = new Bisection(embedder, listener);
        this.texts = new MemoryBudget(limits.textBytes());
        this.vectors = new MemoryBudget(limits.vectorBytes());
        this.read = new ArrayBlockingQueue<>(limits.windows());
        this.batches = new ArrayBlockingQueue<>(limits.batches());
        this.commits = new ArrayBlockingQueue<>(limits.windows());
    }

    void run(Iterator<ShardWork> shards) throws InterruptedException {
        Stages stages = new Stages();
        stages.add("read", () -> readAll(shards));
        stages.add("batch", this::batchAll);
        for (int i = 0; i < embedder.concurrency(); i++) {
            stages.add("embed-" + i, () -> work(batches));
        }
        stages.add("write", () -> work(commits));
        try {
            stages.run();
        } finally {
            tokenizers.shutdownNow();
        }
        if (ending.get() != null) {
            throw ending.get();
        }
    }

    private static void work(BlockingQueue<Stages.Stage> steps) throws InterruptedException, ExecutionException {
        for (Stages.Stage step = steps.take(); step != END; step = steps.take()) {
            step.run();
        }
    }

    private void readAll(Iterator<ShardWork> shards) throws InterruptedException {
        try (ExecutorService preparations = Executors.newVirtualThreadPerTaskExecutor()) {
            while (!stopping.getAsBoolean() && shards.hasNext()) {
                readShard(shards.next(), preparations);
            }
            read.put(END);
        }
    }

    private void readShard(ShardWork shard, ExecutorService preparations) throws InterruptedException {
        try (WindowReader reader = shard.reader()) {
            readShard(shard, reader, preparations);
        } catch (RuntimeException e) {
            ending.compareAndSet(null, e);
        }
    }

    private void readShard(ShardWork shard, WindowReader reader, ExecutorService preparations)
            throws InterruptedException {
        while (!stopping.getAsBoolean()) {
            Optional<SourceWindow> next = reader.next();
            if (next.isEmpty()) {
                read.put(() -> endRead(shard));
                return;
            }
            SourceWindow window = next.get();
            texts.acquire(window.textBytes());
            Future<Window<PreparedDocument>> preparation =
                    preparations.submit(() -> preparer.prepare(window, shard.sink()));
            read.put(() -> batch(shard, window, preparation));
        }
    }

    private void batchAll() throws InterruptedException, ExecutionException {
        work(read);
        for (int i = 0; i < embedder.concurrency(); i++) {
            batches.put(END);
        }
        commits.put(END);
    }

    /** Where the flow is stopping, windows of this shard may have been dropped: its next owner finds out whether anything is left. */
    private void endRead(ShardWork shard) throws InterruptedException {
        if (!stopping.getAsBoolean()) {
            commits.put(() -> end(shard));
        }
    }

    private void batch(ShardWork shard, SourceWindow source, Future<Window<PreparedDocument>> preparation)
            throws InterruptedException, ExecutionException {
        if (stopping.getAsBoolean()) {
            preparation.cancel(true);
            texts.release(source.textBytes());
            return;
        }
        Window<PreparedDocument> prepared;
        try {
            prepared = preparation.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ExecutionException tokenizing
                    && tokenizing.getCause() instanceof RuntimeException failure) {
                ending.compareAndSet(null, failure);
                texts.release(source.textBytes());
                return;
            }
            throw e;
        }
        // The tokens go with the batches: what is committed needs none of them.
        Window<WaitingDocument> window = prepared.with(
                prepared.documents().stream().map(PreparedDocument::waiting).toList(), List.of());
        Optional<DeferredEmbedding> later = shard.later();
        if (later.isPresent()) {
            commits.put(() -> commit(shard, later.get(), window));
            return;
        }
        vectors.acquire(vectorBytes(window));
        if (stopping.getAsBoolean()) {
            release(window);
            return;
        }
        OpenDocuments documents = new OpenDocuments(window.documents());
        commits.put(() -> commit(shard, window, documents));
        for (Batch batch : BatchPlan.of(PreparedDocument.chunks(prepared.documents()), embedder.batchLimits())) {
            batches.put(() -> embed(batch, documents));
        }
    }

    /**
     * Once the embedder or the source cannot go on, for want of money or another reason, nothing more is begun. What is under
     * way comes back and is stored: it may be paid for.
     */
    private void embed(Batch batch, OpenDocuments documents) throws InterruptedException {
        if (ending.get() != null || stopping.getAsBoolean() && stopsBetweenRequests) {
            documents.abandon(batch.chunks());
            return;
        }
        bisection.embedOrAbandon(batch, documents);
        documents.ending().ifPresent(e -> ending.compareAndSet(null, e));
    }

    private void commit(ShardWork shard, Window<WaitingDocument> window, OpenDocuments documents)
            throws InterruptedException {
        documents.await();
        gap = gap || !documents.areSettled();
        List<EmbeddedDocument> embedded = documents.embedded();
        if (!gap) {
            listener.committed(shard.shard(), shard.sink().commit(window.with(embedded, documents.refused())));
        } else if (!embedded.isEmpty()) {
            listener.committed(shard.shard(), shard.sink().keep(embedded));
        }
        release(window);
    }

    private void commit(ShardWork shard, DeferredEmbedding later, Window<WaitingDocument> window)
            throws InterruptedException {
        Counts counters = later.commit(window);
        texts.release(window.source().textBytes());
        listener.committed(shard.shard(), counters);
    }

    private void release(Window<WaitingDocument> window) {
        vectors.release(vectorBytes(window));
        texts.release(window.source().textBytes());
    }

    private long vectorBytes(Window<WaitingDocument> window) {
        long chunks = window.documents().stream()
                .mapToLong(document -> document.chunks().size())
                .sum();
        return chunks * embedder.dimensions() * Float.BYTES;
    }

    /** The next owner of a shard with a gap finds out what is left. */
    private void end(ShardWork shard) {
        if (gap) {
            return;
        }
        shard.later().ifPresentOrElse(DeferredEmbedding::sourceRead, () -> {
            shard.sink().complete();
            listener.completed(shard.shard());
        });
    }
}
