package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import java.util.List;

/** Embeds with an ONNX model in this process. */
final class SessionEmbedder implements Embedder {
    private final String description;
    private final String fingerprint;
    private final TextModel model;
    private final VectorPooling pooling;
    private final boolean normalize;
    private final boolean alone;
    private final Tokenizer tokenizer;
    private final Tokenizer queryTokenizer;
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
            VectorPooling pooling,
            boolean normalize,
            boolean alone,
            Tokenizer tokenizer,
            Tokenizer queryTokenizer,
            BatchLimits limits,
            int calls) {
        this.description = description;
        this.fingerprint = fingerprint;
        this.model = model;
        this.pooling = pooling;
        this.normalize = normalize;
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
        return model.output().dimensions();
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer;
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
    public float[][] embed(List<TokenizedText> batch) throws EmbeddingException {
        float[][] vectors = new float[batch.size()][];
        int together = alone ? 1 : batch.size();
        for (int first = 0; first < batch.size(); first += together) {
            embed(batch.subList(first, first + together), vectors, first);
        }
        return vectors;
    }

    @Override
    public float[] embedQuery(String text) throws EmbeddingException {
        return embed(List.of(queryTokenizer.tokenize(text)))[0];
    }

    private void embed(List<TokenizedText> texts, float[][] vectors, int first) throws EmbeddingException {
        List<int[]> ids = texts.stream().map(TokenizedText::ids).toList();
        try {
            model.<Void, EmbeddingException>run(ids, (rows, longest) -> {
                for (int text = 0; text < ids.size(); text++) {
                    float[] vector = pooling.vector(rows, text, ids.get(text).length, longest);
                    vectors[first + text] = finished(vector, first + text);
                }
                return null;
            });
        } catch (OrtException e) {
            throw new EmbeddingException(
                    "the model refused a batch of %d texts: %s".formatted(texts.size(), Reason.of(e)), e);
        }
    }

    private float[] finished(float[] vector, int text) throws EmbeddingException {
        double squared = UnitLength.squared(vector);
        if (!Double.isFinite(squared)) {
            throw new EmbeddingException(
                    "the model's vector for text %d of the batch holds NaN or infinity: ".formatted(text + 1)
                            + "it cannot embed this text");
        }
        if (normalize) {
            UnitLength.scale(vector, squared);
        }
        return vector;
    }

    @Override
    public void close() {
        model.close();
    }
}
