package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.InputType;
import io.embeddingoperator.runner.embed.LocalEmbedder;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import java.util.List;

/** Embeds with an ONNX model in this process. */
final class SessionEmbedder implements LocalEmbedder {
    private final String description;
    private final String fingerprint;
    private final TextModel model;
    private final VectorMaking vectors;
    private final boolean alone;
    private final ModelTokenizer tokenizer;
    private final ModelTokenizer queryTokenizer;
    private final BatchLimits limits;
    private final int calls;

    /**
     * Takes what {@link OnnxEmbedders} opened.
     *
     * @param alone run every text of a batch by itself and unpadded
     * @param calls at a time
     */
    SessionEmbedder(
            String description,
            String fingerprint,
            TextModel model,
            VectorMaking vectors,
            boolean alone,
            ModelTokenizer tokenizer,
            ModelTokenizer queryTokenizer,
            BatchLimits limits,
            int calls) {
        this.description = description;
        this.fingerprint = fingerprint;
        this.model = model;
        this.vectors = vectors;
        this.alone = alone;
        this.tokenizer = tokenizer;
        this.queryTokenizer = queryTokenizer;
        this.limits = limits;
        this.calls = calls;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public int dimensions() {
        return vectors.head().dimensions();
    }

    @Override
    public Tokenizer tokenizer(InputType type) {
        return switch (type) {
            case DOCUMENT -> tokenizer;
            case QUERY -> queryTokenizer;
        };
    }

    @Override
    public BatchLimits batchLimits() {
        return limits;
    }

    @Override
    public int concurrency() {
        return calls;
    }

    @Override
    public DistanceMetric metric() {
        return vectors.metric();
    }

    @Override
    public float[][] embed(List<TokenizedText> batch, InputType type) throws EmbeddingException {
        VectorPooling pooling = switch (type) {
            case DOCUMENT -> vectors.documents();
            case QUERY -> vectors.queries();
        };
        float[][] results = new float[batch.size()][];
        int together = alone ? 1 : batch.size();
        for (int first = 0; first < batch.size(); first += together) {
            embed(batch.subList(first, first + together), pooling, results, first);
        }
        return results;
    }

    private void embed(List<TokenizedText> texts, VectorPooling pooling, float[][] results, int first)
            throws EmbeddingException {
        List<int[]> ids = texts.stream().map(TokenizedText::ids).toList();
        try {
            model.<float[][], EmbeddingException>run(ids, (rows, longest) -> {
                for (int text = 0; text < ids.size(); text++) {
                    float[] pooled = pooling.vector(rows, text, ids.get(text).length, longest);
                    results[first + text] = vectors.head().finish(pooled, first + text);
                }
                return results;
            });
        } catch (OrtException e) {
            throw new EmbeddingException(
                    "the model refused a batch of %d texts: %s".formatted(texts.size(), Reason.of(e)), e);
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
