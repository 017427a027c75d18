package io.embeddingoperator.runner.serve;

import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.InputType;
import io.embeddingoperator.runner.embed.LocalEmbedder;
import io.embeddingoperator.runner.embed.TokenOffsets;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/** A model whose tokens are chars, whose vectors tell a text's length and type, and which embeds when the test lets it. */
final class TestingModel implements LocalEmbedder {
    static final int MAX_TOKENS = 40;
    static final String UNWANTED = "unwanted";

    private final List<List<String>> calls = new CopyOnWriteArrayList<>();
    private final Semaphore permitted;

    private TestingModel(int permitted) {
        this.permitted = new Semaphore(permitted);
    }

    static TestingModel atOnce() {
        return new TestingModel(1_000_000);
    }

    static TestingModel whenPermitted() {
        return new TestingModel(0);
    }

    void permit(int calls) {
        permitted.release(calls);
    }

    /** The texts of each call that has begun. */
    List<List<String>> calls() {
        return calls;
    }

    @Override
    public float[][] embed(List<TokenizedText> batch, InputType type) throws EmbeddingException {
        List<String> texts = batch.stream().map(TokenizedText::text).toList();
        calls.add(texts);
        permitted.acquireUninterruptibly();
        if (texts.contains(UNWANTED)) {
            throw new EmbeddingException("the model does not like it");
        }
        return texts.stream()
                .map(text -> new float[] {text.length(), type.ordinal()})
                .toArray(float[][]::new);
    }

    @Override
    public Tokenizer tokenizer(InputType type) {
        return new Tokenizer() {
            @Override
            public int maxTokens() {
                return MAX_TOKENS;
            }

            @Override
            public int overheadTokens() {
                return 0;
            }

            @Override
            public TokenizedText tokenize(String text) {
                return new TokenizedText(
                        text, new int[Math.min(text.length(), MAX_TOKENS)], text.length() > MAX_TOKENS);
            }

            @Override
            public TokenOffsets offsets(String text) {
                throw new UnsupportedOperationException();
            }
        };
    }

    @Override
    public String description() {
        return "a model for tests";
    }

    @Override
    public String fingerprint() {
        return "testing";
    }

    @Override
    public int dimensions() {
        return 2;
    }

    @Override
    public BatchLimits batchLimits() {
        return new BatchLimits(100, 100);
    }

    @Override
    public int concurrency() {
        return 1;
    }

    @Override
    public void close() {}
}
