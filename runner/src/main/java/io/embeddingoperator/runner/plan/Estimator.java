package io.embeddingoperator.runner.plan;

import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.batch.BatchPlan;
import io.embeddingoperator.runner.batch.WaitingChunk;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.source.WorkUnit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/**
 * Finds out what a run would take: samples the whole breadth of the source, tokenizes it all and embeds some of it, unless that
 * would be billed.
 */
public final class Estimator {
    /** Places of the source that are looked at: many small samples, since documents beside each other are alike. */
    private static final int PLACES = 64;

    /** Documents taken at each place. */
    private static final int DOCUMENTS_A_PLACE = 16;

    private static final double EMBEDDING_SECONDS = 5;

    private final Source source;
    private final Chunker chunker;
    private final Embedder embedder;

    public Estimator(Source source, Chunker chunker, Embedder embedder) {
        this.source = source;
        this.chunker = chunker;
        this.embedder = embedder;
    }

    public Estimate estimate() throws InterruptedException {
        List<ShardRange> places = source.plan(PLACES);
        boolean exact = source.schema().unit() == WorkUnit.DOCUMENTS;
        Totals totals = new Totals();
        List<WaitingChunk> chunks = new ArrayList<>();
        for (ShardRange place : places) {
            Sample sample = sample(place);
            // Documents of one place say nothing of how large those of another are.
            totals.add(sample, exact ? ratio(place.work(), sample.documents) : ratio(place.work(), sample.work));
            chunks.addAll(sample.chunks);
        }
        Rate rate = measure(chunks);
        return new Estimate(
                exact ? places.stream().mapToLong(ShardRange::work).sum() : Math.round(totals.documents),
                exact,
                Math.round(totals.chunks),
                Math.round(totals.tokens),
                Math.round(totals.textBytes),
                embedder.dimensions(),
                totals.sampleDocuments,
                rate.seconds(),
                rate.tokensPerSecond(),
                totals.truncated,
                totals.unknown,
                embedder.description());
    }

    private Sample sample(ShardRange place) {
        Sample sample = new Sample();
        try (WindowReader reader = source.read(place, Optional.empty(), DOCUMENTS_A_PLACE)) {
            Optional<SourceWindow> window = reader.next();
            if (window.isEmpty() || window.get().documents().isEmpty()) {
                return sample;
            }
            List<Document> documents = window.get().documents();
            List<Document> taken = documents.subList(0, Math.min(DOCUMENTS_A_PLACE, documents.size()));
            sample.work = window.get().work() * taken.size() / documents.size();
            for (Document document : taken) {
                sample.add(document, chunker.chunk(document.text()));
            }
        }
        return sample;
    }

    /** Embeds randomly chosen chunks, in batches as a run makes them, for a few seconds. */
    private Rate measure(List<WaitingChunk> chunks) throws InterruptedException {
        List<Batch> batches = new ArrayList<>(BatchPlan.of(chunks, embedder.batchLimits()));
        if (batches.isEmpty() || embedder.isBilled()) {
            return new Rate(0, 0);
        }
        Collections.shuffle(batches, new Random(1));
        embed(batches.getFirst());
        LongAdder tokens = new LongAdder();
        long start = System.nanoTime();
        long deadline = start + (long) (EMBEDDING_SECONDS * 1e9);
        List<Callable<Void>> threads = new ArrayList<>();
        for (int thread = 0; thread < embedder.concurrency(); thread++) {
            int first = thread;
            threads.add(() -> {
                for (int i = first; i < batches.size() && System.nanoTime() < deadline; i += embedder.concurrency()) {
                    embed(batches.get(i));
                    batches.get(i).chunks().forEach(chunk -> tokens.add(chunk.tokens()));
                }
                return null;
            });
        }
        try (ExecutorService pool = Executors.newFixedThreadPool(threads.size())) {
            for (Future<Void> done : pool.invokeAll(threads)) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw new UnavailableException(
                    "the sample cannot be embedded: "
                            + Objects.requireNonNull(e.getCause()).getMessage(),
                    e);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Rate(seconds, tokens.sum() / seconds);
    }

    private void embed(Batch batch) throws InterruptedException {
        try {
            embedder.embed(batch.texts());
        } catch (EmbeddingException e) {
            // As a run does: the server may take less at once than was assumed.
            if (batch.chunks().size() > 1) {
                embed(batch.firstHalf());
                embed(batch.secondHalf());
                return;
            }
            throw new UnavailableException("the sample cannot be embedded: " + e.getMessage(), e);
        }
    }

    private static double ratio(long all, long sampled) {
        return sampled == 0 ? 0 : (double) all / sampled;
    }

    private record Rate(double seconds, double tokensPerSecond) {}

    /** What one place gave. */
    private static final class Sample {
        private final List<WaitingChunk> chunks = new ArrayList<>();
        private long documents;
        private long work;
        private long tokens;
        private long textBytes;
        private long truncated;
        private long unknown;

        void add(Document document, List<TokenizedText> parts) {
            documents++;
            textBytes += document.text().getBytes(StandardCharsets.UTF_8).length;
            for (int i = 0; i < parts.size(); i++) {
                TokenizedText part = parts.get(i);
                chunks.add(new WaitingChunk((int) documents, i, part));
                tokens += part.length();
                truncated += part.truncated() ? 1 : 0;
                unknown += part.mostlyUnknown() ? 1 : 0;
            }
        }
    }

    /** What all places stand for together. */
    private static final class Totals {
        private double documents;
        private double chunks;
        private double tokens;
        private double textBytes;
        private long sampleDocuments;
        private long truncated;
        private long unknown;

        void add(Sample sample, double factor) {
            documents += sample.documents * factor;
            chunks += sample.chunks.size() * factor;
            tokens += sample.tokens * factor;
            textBytes += sample.textBytes * factor;
            sampleDocuments += sample.documents;
            truncated += sample.truncated;
            unknown += sample.unknown;
        }
    }
}
