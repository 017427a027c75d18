package io.embeddingoperator.runner.batches;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.testing.TestingTokenizer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Embeds by plain requests, without limits, pacing and retries. */
final class RequestEmbedder implements Embedder {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final OpenAiHttp http;
    private final AtomicLong texts = new AtomicLong();

    RequestEmbedder(OpenAiHttp http) {
        this.http = http;
    }

    /** Texts that were embedded by requests. */
    long texts() {
        return texts.get();
    }

    @Override
    public String description() {
        return "requests";
    }

    @Override
    public String fingerprint() {
        return "requests";
    }

    @Override
    public int dimensions() {
        return TestingBatchRun.DIMENSIONS;
    }

    @Override
    public Tokenizer tokenizer() {
        return new TestingTokenizer(64);
    }

    @Override
    public BatchLimits batchLimits() {
        return new BatchLimits(10_000, 256);
    }

    @Override
    public int concurrency() {
        return 2;
    }

    @Override
    public float[][] embed(List<TokenizedText> batch) throws EmbeddingException {
        ObjectNode request = JSON.createObjectNode();
        request.put("model", TestingBatchRun.MODEL)
                .put("dimensions", dimensions())
                .put("encoding_format", "float");
        batch.forEach(text -> request.withArray("input").add(text.text()));
        try {
            JsonNode data = JSON.readTree(http.post("/embeddings", JSON.writeValueAsBytes(request))
                            .body())
                    .path("data");
            float[][] vectors = new float[batch.size()][];
            for (JsonNode item : data) {
                vectors[item.path("index").asInt()] = JSON.treeToValue(item.path("embedding"), float[].class);
            }
            texts.addAndGet(batch.size());
            return vectors;
        } catch (OpenAiException | IOException e) {
            throw new EmbeddingException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddingException("interrupted", e);
        }
    }

    @Override
    public float[] embedQuery(String text) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
