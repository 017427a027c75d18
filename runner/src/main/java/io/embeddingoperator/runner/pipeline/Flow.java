package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.batch.BatchPlan;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.Packing;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * One flow of documents through stages that work side by side: one window is read, another tokenized, a third embedded and
 * a fourth written. The windows of a shard follow those of the shard before without a gap, and all are committed in the
 * order in which they were read, so that a checkpoint covers everything before it.
 */
final class Flow {
    private final Embedder embedder;
    private final PipelineListener listener;
    private final BooleanSupplier stopping;
    private final ExecutorService tokenizers;
    private final Preparer preparer;
    private final Bisection bisection;
    private final MemoryBudget texts;

    /** Of its own, and asked for in the order of the windows: those that have their share need nothing more to be committed. */
    private final MemoryBudget vectors;

    private final BlockingQueue<ReadStep> read;
    private final BlockingQueue<EmbedStep> batches;
    private final BlockingQueue<CommitStep> commits;
    /** A queue of requests may take minutes, which a process that is asked to stop does not have; what came back is stored all the same. */
    private final boolean stopsBetweenRequests;

    /** Why nothing more is begun: the source or the embedder cannot go on. What fails in the sink ends everything at once. */
    private final AtomicReference<RuntimeException> ending = new AtomicReference<>();

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
            stages.add("embed-" + i, this::embedAll);
        }
        stages.add("write", this::writeAll);
        try {
            stages.run();
        } finally {
            tokenizers.shutdownNow();
        }
        if (ending.get() != null) {
            throw ending.get();
        }
    }

    private void readAll(Iterator<ShardWork> shards) throws InterruptedException {
        try (ExecutorService preparations = Executors.newVirtualThreadPerTaskExecutor()) {
            while (!stopping.getAsBoolean() && shards.hasNext()) {
                readShard(shards.next(), preparations);
            }
            read.put(new ReadStep.End());
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
                read.put(new ReadStep.ShardEnd(shard));
                return;
            }
            SourceWindow window = next.get();
            texts.acquire(window.textBytes());
            read.put(new ReadStep.Window(
                    shard, window, preparations.submit(() -> preparer.prepare(window, shard.sink()))));
        }
    }

    private void batchAll() throws InterruptedException, ExecutionException {
        while (true) {
            switch (read.take()) {
                case ReadStep.Window window when stopping.getAsBoolean() -> drop(window);
                case ReadStep.Window window -> batch(window);
                case ReadStep.ShardEnd end when stopping.getAsBoolean() -> {
                    // Windows of this shard may have been dropped: its next owner finds out whether anything is left.
                }
                case ReadStep.ShardEnd end -> commits.put(new CommitStep.ShardEnd(end.shard()));
                case ReadStep.End _ -> {
                    for (int i = 0; i < embedder.concurrency(); i++) {
                        batches.put(new EmbedStep.End());
                    }
                    commits.put(new CommitStep.End());
                    return;
                }
            }
        }
    }

    private void drop(ReadStep.Window window) {
        window.preparation().cancel(true);
        texts.release(window.source().textBytes());
    }

    private void batch(ReadStep.Window step) throws InterruptedException, ExecutionException {
        PreparedWindow prepared;
        try {
            prepared = step.preparation().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ExecutionException tokenizing
                    && tokenizing.getCause() instanceof RuntimeException failure) {
                ending.compareAndSet(null, failure);
                texts.release(step.source().textBytes());
                return;
            }
            throw e;
        }
        Optional<LaterEmbedding> later = step.shard().later();
        if (later.isPresent()) {
            commits.put(new CommitStep.Later(step.shard(), later.get(), prepared));
            return;
        }
        vectors.acquire(vectorBytes(prepared));
        if (stopping.getAsBoolean()) {
            release(prepared);
            return;
        }
        OpenWindow window = OpenWindow.of(prepared);
        commits.put(new CommitStep.Window(step.shard(), window));
        for (Batch batch : BatchPlan.of(prepared.chunks(), embedder.batchLimits())) {
            batches.put(new EmbedStep.Embed(batch, window.documents()));
        }
    }

    /**
     * Once the embedder or the source cannot go on, for want of money or another reason, nothing more is begun. What is under
     * way comes back and is stored: it may be paid for.
     */
    private void embedAll() throws InterruptedException {
        while (batches.take() instanceof EmbedStep.Embed step) {
            if (ending.get() != null || stopping.getAsBoolean() && stopsBetweenRequests) {
                step.documents().abandon(step.batch().chunks());
                continue;
            }
            bisection.embedOrAbandon(step.batch(), step.documents()).ifPresent(e -> ending.compareAndSet(null, e));
        }
    }

    private void writeAll() throws InterruptedException {
        boolean gap = false;
        while (true) {
            switch (commits.take()) {
                case CommitStep.Window step -> {
                    OpenWindow.Outcome outcome = step.window().await();
                    // A checkpoint covers everything before it: none may follow a window that is not whole.
                    gap = gap || !outcome.whole();
                    if (!gap) {
                        ShardCounters counters = step.shard().sink().commit(outcome.window());
                        listener.committed(step.shard().shard(), counters);
                    } else if (!outcome.window().embedded().isEmpty()) {
                        ShardCounters counters =
                                step.shard().sink().keep(outcome.window().embedded());
                        listener.committed(step.shard().shard(), counters);
                    }
                    release(step.window().prepared());
                }
                case CommitStep.Later step -> {
                    ShardCounters counters = step.later().commit(step.window());
                    texts.release(step.window().source().textBytes());
                    listener.committed(step.shard().shard(), counters);
                }
                case CommitStep.ShardEnd step -> {
                    // The next owner of a shard with a gap finds out what is left.
                    if (!gap) {
                        end(step.shard());
                    }
                }
                case CommitStep.End _ -> {
                    return;
                }
            }
        }
    }

    private void release(PreparedWindow window) {
        vectors.release(vectorBytes(window));
        texts.release(window.source().textBytes());
    }

    private long vectorBytes(PreparedWindow window) {
        return (long) window.chunks().size() * embedder.dimensions() * Float.BYTES;
    }

    private void end(ShardWork shard) {
        shard.later().ifPresentOrElse(LaterEmbedding::sourceRead, () -> {
            shard.sink().complete();
            listener.completed(shard.shard());
        });
    }
}
