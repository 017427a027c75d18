package io.embeddingoperator.runner.serve;

import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.InputType;
import io.embeddingoperator.runner.embed.LocalEmbedder;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads that embed what the queue holds, as many as the model has calls at a time. */
final class EmbeddingWorkers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingWorkers.class);

    private final FairQueue queue;
    private final LocalEmbedder embedder;
    private final Pace pace;
    private final EndpointMetrics metrics;
    private final List<Thread> threads = new ArrayList<>();

    EmbeddingWorkers(FairQueue queue, LocalEmbedder embedder, Pace pace, EndpointMetrics metrics) {
        this.queue = queue;
        this.embedder = embedder;
        this.pace = pace;
        this.metrics = metrics;
        for (int i = 0; i < embedder.concurrency(); i++) {
            threads.add(Thread.ofPlatform().name("embed-" + i).start(this::work));
        }
    }

    /** Returns when all that waits is embedded. */
    @Override
    public void close() {
        queue.close();
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                threads.forEach(Thread::interrupt);
                Thread.currentThread().interrupt();
            }
        }
    }

    private void work() {
        try {
            for (List<WaitingText> batch = queue.take(); !batch.isEmpty(); batch = queue.take()) {
                long start = System.nanoTime();
                embed(batch);
                long nanos = System.nanoTime() - start;
                pace.measured(batch.stream().mapToLong(WaitingText::tokens).sum(), nanos);
                metrics.worked(batch, nanos);
            }
        } catch (InterruptedException e) {
            LOG.debug("a worker ends", e);
        }
    }

    private void embed(List<WaitingText> batch) {
        try {
            List<TokenizedText> texts = batch.stream()
                    .map(text -> text.request().texts().get(text.index()))
                    .toList();
            InputType type = batch.getFirst().request().type();
            float[][] vectors = embedder.embed(texts, type);
            for (int i = 0; i < vectors.length; i++) {
                batch.get(i).request().embedded(batch.get(i).index(), vectors[i]);
            }
        } catch (EmbeddingException | RuntimeException e) {
            if (batch.size() > 1) {
                // Of several clients, perhaps: the text that the model cannot embed fails its own request alone.
                batch.forEach(text -> embed(List.of(text)));
            } else {
                failed(batch.getFirst(), e);
            }
        }
    }

    private void failed(WaitingText text, Exception failure) {
        LOG.warn("a text of {} tokens cannot be embedded", text.tokens(), failure);
        queue.drop(text.request());
        text.request()
                .failed(RefusedRequestException.failed(
                        "input[%d] cannot be embedded: %s.".formatted(text.index(), failure.getMessage()), failure));
    }
}
