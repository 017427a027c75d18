package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.batch.BatchPlan;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

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

    /** Returns when all are embedded or refused, or all that was under way when the embedder could not go on. */
    public OpenDocuments embed(List<WaitingDocument> documents) throws InterruptedException {
        List<PreparedDocument> prepared =
                documents.stream().map(this::tokenized).toList();
        OpenDocuments open = new OpenDocuments(documents);
        embed(BatchPlan.of(PreparedDocument.chunks(prepared), embedder.batchLimits()), open);
        open.await();
        return open;
    }

    private PreparedDocument tokenized(WaitingDocument waiting) {
        String text = waiting.document().text();
        List<TokenizedText> texts = waiting.chunks().stream()
                .map(chunk -> embedder.tokenizer().tokenize(chunk.content(text)).within(text, chunk.start()))
                .toList();
        return new PreparedDocument(waiting.document(), waiting.hash(), texts);
    }

    /** Once the embedder cannot go on, for want of money or another reason, nothing more is sent; what is under way comes back. */
    private void embed(List<Batch> batches, OpenDocuments open) throws InterruptedException {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            ExecutorCompletionService<Void> embedded = new ExecutorCompletionService<>(threads);
            for (Batch batch : batches) {
                embedded.submit(() -> {
                    concurrency.acquire();
                    try {
                        embed(batch, open);
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
    }

    private void embed(Batch batch, OpenDocuments open) throws InterruptedException {
        if (open.ending().isPresent()) {
            open.abandon(batch.chunks());
        } else {
            bisection.embedOrAbandon(batch, open);
        }
    }
}
