package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.batch.WaitingChunk;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.StoppedException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Embeds a batch; when that fails, halves it until the guilty chunk stands alone, so that it never stops a good one. */
final class Bisection {
    private static final String PROBE = "A plain sentence that every model can embed.";

    private final Embedder embedder;
    private final PipelineListener listener;

    Bisection(Embedder embedder, PipelineListener listener) {
        this.embedder = embedder;
        this.listener = listener;
    }

    /** Embeds a batch, or gives up those of its chunks that will not get a vector any more. */
    void embedOrAbandon(Batch batch, OpenDocuments documents) throws InterruptedException {
        try {
            embed(batch, documents);
            listener.embedded(batch);
        } catch (StoppedException _) {
            documents.abandon(batch.chunks());
        } catch (RunnerException e) {
            documents.abandon(batch.chunks(), e);
        }
    }

    private void embed(Batch batch, OpenDocuments documents) throws InterruptedException {
        float[][] vectors;
        try (Activity _ = Activities.ofThisProcess()
                .begin("Embedding %d texts".formatted(batch.chunks().size()))) {
            vectors = embedder.embed(batch.texts());
        } catch (EmbeddingException e) {
            if (e.kept().length == 0) {
                bisect(batch, documents, e);
            } else {
                List<WaitingChunk> others = keep(batch, documents, e.kept());
                embed(new Batch(others, batch.packing()), documents);
            }
            return;
        }
        keep(batch, documents, vectors);
    }

    /** The chunks that have no vector. */
    private static List<WaitingChunk> keep(Batch batch, OpenDocuments documents, float[][] vectors) {
        List<WaitingChunk> others = new ArrayList<>();
        List<WaitingChunk> chunks = batch.chunks();
        for (int i = 0; i < chunks.size(); i++) {
            if (vectors[i] == null) {
                others.add(chunks.get(i));
            } else {
                documents.put(chunks.get(i), vectors[i]);
            }
        }
        return others;
    }

    private void bisect(Batch batch, OpenDocuments documents, EmbeddingException failure) throws InterruptedException {
        OptionalInt guilty = failure.guilty();
        if (batch.chunks().size() == 1) {
            if (!failure.textsAtFault()) {
                provePlainTextStillWorks(failure);
            }
            refuse(batch.chunks().getFirst(), documents, failure);
        } else if (guilty.isPresent() && guilty.getAsInt() < batch.chunks().size()) {
            refuse(batch.chunks().get(guilty.getAsInt()), documents, failure);
            embed(batch.without(guilty.getAsInt()), documents);
        } else {
            embed(batch.firstHalf(), documents);
            embed(batch.secondHalf(), documents);
        }
    }

    private static void refuse(WaitingChunk guilty, OpenDocuments documents, EmbeddingException failure) {
        documents.refuse(
                guilty,
                "chunk %d (chars %d to %d) cannot be embedded: %s"
                        .formatted(
                                guilty.index(),
                                guilty.text().start(),
                                guilty.text().end(),
                                failure.getMessage()));
    }

    /** Without this, a lost GPU would be written down as a hundred million bad documents. */
    private void provePlainTextStillWorks(EmbeddingException failure) throws InterruptedException {
        try {
            TokenizedText probe = embedder.tokenizer().tokenize(PROBE);
            embedder.embed(List.of(probe));
        } catch (EmbeddingException e) {
            failure.addSuppressed(e);
            throw new UnavailableException(
                    "the embedder fails for plain text too, so the documents are not to blame: " + failure.getMessage(),
                    failure);
        }
    }
}
