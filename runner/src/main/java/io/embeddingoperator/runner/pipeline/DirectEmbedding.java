package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.batch.BatchPlan;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.failure.RunnerException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Embeds documents that are at hand, beside the flow of windows: their chunks are tokenized anew, and as many batches at a time as
 * the embedder likes are under way for all threads that ask together.
 */
public final class DirectEmbedding {
    private final Embedder embedder;
    private final Bisection bisection;
    private final Semaphore concurrency;

    public DirectEmbedding(Embedder embedder, PipelineListener listener) {
        this.embedder = embedder;
        this.bisection = new Bisection(embedder, listener);
        this.concurrency = new Semaphore(embedder.concurrency());
    }

    /**
     * What became of the documents: each is in one of the lists, unless the embedder cannot go on or was told to stop.
     *
     * @param ending why the embedder cannot go on
     */
    public record Outcome(
            List<EmbeddedDocument> embedded, List<FailedDocument> failed, Optional<RunnerException> ending) {}

    /** Returns when all are embedded or refused, or all that was under way when the embedder could not go on. */
    public Outcome embed(List<WaitingDocument> documents) throws InterruptedException {
        List<PreparedDocument> prepared =
                documents.stream().map(this::tokenized).toList();
        OpenDocuments open = new OpenDocuments(documents);
        Optional<RunnerException> ending =
                embed(BatchPlan.of(PreparedDocument.chunks(prepared), embedder.batchLimits()), open);
        open.await();
        return new Outcome(open.embedded(), open.refused(), ending);
    }

    private PreparedDocument tokenized(WaitingDocument waiting) {
        String text = waiting.document().text();
        List<TokenizedText> texts = waiting.chunks().stream()
                .map(chunk -> embedder.tokenizer().tokenize(chunk.content(text)).within(text, chunk.start()))
                .toList();
        return new PreparedDocument(waiting.document(), waiting.hash(), texts);
    }

    /** Once the embedder cannot go on, for want of money or another reason, nothing more is sent; what is under way comes back. */
    private Optional<RunnerException> embed(List<Batch> batches, OpenDocuments open) throws InterruptedException {
        AtomicReference<RunnerException> ending = new AtomicReference<>();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            ExecutorCompletionService<Void> embedded = new ExecutorCompletionService<>(threads);
            for (Batch batch : batches) {
                embedded.submit(() -> {
                    concurrency.acquire();
                    try {
                        embed(batch, open, ending);
                    } finally {
                        concurrency.release();
                    }
                    return null;
                });
            }
            for (int i = 0; i < batches.size(); i++) {
                embedded.take().get();
            }
        } catch (ExecutionException e) {
            throw Stages.unwrapped(e);
        } finally {
            threads.shutdownNow();
            threads.close();
        }
        return Optional.ofNullable(ending.get());
    }

    private void embed(Batch batch, OpenDocuments open, AtomicReference<RunnerException> ending)
            throws InterruptedException {
        if (ending.get() != null) {
            open.abandon(batch.chunks());
            return;
        }
        bisection.embedOrAbandon(batch, open).ifPresent(e -> ending.compareAndSet(null, e));
    }
}
