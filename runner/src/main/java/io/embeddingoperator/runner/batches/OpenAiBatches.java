package io.embeddingoperator.runner.batches;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.openai.OpenAiTokenizer;
import io.embeddingoperator.runner.embed.openai.batch.BatchApi;
import io.embeddingoperator.runner.embed.openai.batch.BatchForm;
import io.embeddingoperator.runner.embed.openai.batch.BatchLines;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.pipeline.DeferredEmbedding;
import io.embeddingoperator.runner.pipeline.DirectEmbedding;
import io.embeddingoperator.runner.pipeline.PipelineListener;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.PendingDocuments;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Takes the shards of this process through a provider's batches. While documents are read they are written down, and each shard has a
 * thread that hands them in and stores what comes back; {@link #await} waits for all of them once everything is read.
 */
public final class OpenAiBatches implements AutoCloseable {
    private final BatchRun run;
    private final TemporaryFolder folder;
    private final List<ShardBatches> shards = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private OpenAiBatches(BatchRun run, TemporaryFolder folder) {
        this.run = run;
        this.folder = folder;
    }

    /**
     * @param http stays open when these are closed, as the embedder does
     * @param embedder for documents that no batch takes, or too few for one
     */
    public static OpenAiBatches open(
            BatchRules rules,
            OpenAiHttp http,
            BatchForm form,
            BatchLines lines,
            OpenAiTokenizer tokenizer,
            Embedder embedder,
            PipelineListener embedded,
            BatchListener listener) {
        return open(rules, http, form, lines, tokenizer, embedder, embedded, listener, BatchTiming.usual());
    }

    static OpenAiBatches open(
            BatchRules rules,
            OpenAiHttp http,
            BatchForm form,
            BatchLines lines,
            OpenAiTokenizer tokenizer,
            Embedder embedder,
            PipelineListener embedded,
            BatchListener listener,
            BatchTiming timing) {
        TemporaryFolder folder = TemporaryFolder.create();
        BatchRun run = new BatchRun(
                rules,
                new BatchApi(http, form, rules.job()),
                new BatchFiles(folder, lines, tokenizer),
                lines,
                embedder,
                new DirectEmbedding(embedder, embedded),
                timing,
                InstantSource.system(),
                listener);
        return new OpenAiBatches(run, folder);
    }

    /** Begins to work on a shard that this process has taken; its batches that are outside already are looked after at once. */
    public DeferredEmbedding take(int shard, PendingDocuments pending, WindowSink windows) {
        ShardBatches batches = new ShardBatches(shard, run, pending, windows);
        shards.add(batches);
        threads.add(Thread.ofVirtual().name("batches-" + shard).start(() -> drive(batches)));
        return batches;
    }

    /**
     * Ends what an earlier run left of a shard that is to be embedded by requests from now on: its batches are cancelled, and
     * what they have done is stored. All other documents are read again.
     */
    public void settle(PendingDocuments pending) throws InterruptedException {
        new SwitchToRealtime(run, pending).reach();
    }

    private void drive(ShardBatches batches) {
        try {
            batches.drive();
        } catch (InterruptedException e) {
            // The thread that interrupts knows why.
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            run.failed(e);
            shards.forEach(ShardBatches::wake);
        }
    }

    /** What keeps the shards from going on; empty while they work. */
    public Optional<Progress.Waiting> waiting() {
        return shards.stream()
                .map(ShardBatches::situation)
                .reduce(ShardSituation::plus)
                .flatMap(situation -> BatchWaiting.of(situation, run));
    }

    /** Ends after the steps at hand: batches stay with the provider, and the next process goes on. */
    public void stop() {
        run.stop();
        shards.forEach(ShardBatches::wake);
    }

    /**
     * Waits for all shards once reading is over. When this returns they are complete, or {@link #stop} was called.
     *
     * @throws io.embeddingoperator.runner.failure.RunnerException as the first shard that failed threw it, or when the budget
     *     is used up and all that was handed in is stored
     */
    public void await() throws InterruptedException {
        shards.forEach(ShardBatches::readingOver);
        // From here on little is needed, maybe for a day: what reading took goes back to the machine.
        System.gc();
        for (Thread thread : threads) {
            thread.join();
        }
        run.checkReading();
    }

    @Override
    public void close() {
        stop();
        threads.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        folder.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
