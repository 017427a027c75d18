package io.embeddingoperator.runner.testing;

import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A vector of two numbers that tell which text it belongs to; a text that holds {@link #POISON} makes its batch fail. */
public final class TestingEmbedder implements Embedder {
    public static final String POISON = "poison";

    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicLong texts = new AtomicLong();
    private final AtomicLong money = new AtomicLong(Long.MAX_VALUE);
    private final CountDownLatch refused = new CountDownLatch(1);
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostUnderWay = new AtomicInteger();
    private volatile boolean broken;
    private volatile boolean slow;
    private volatile boolean keeping;
    private volatile boolean firstIsLast;
    private volatile CountDownLatch answers = new CountDownLatch(0);

    /** The vector of a text. */
    public static float[] vector(String text) {
        return new float[] {text.length(), text.hashCode() % 1_000_003};
    }

    /** From now on every call fails. */
    public void breakDown() {
        broken = true;
    }

    /** Only so many texts are paid for. */
    public void payFor(long most) {
        money.set(most);
    }

    /** The first call comes back well after the first for which there was no money. */
    public void answerTheFirstCallLast() {
        firstIsLast = true;
    }

    /** No call comes back before. */
    public void answerAfter(CountDownLatch moment) {
        answers = moment;
    }

    /** From now on every call takes a while. */
    public void slowDown() {
        slow = true;
    }

    /** From now on a batch that fails has vectors for all texts but the bad ones. */
    public void keepWhatIsGood() {
        keeping = true;
    }

    /** The most calls that there were at a time. */
    public int mostUnderWay() {
        return mostUnderWay.get();
    }

    public int calls() {
        return calls.get();
    }

    public long texts() {
        return texts.get();
    }

    @Override
    public String description() {
        return "testing embedder";
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
    public Tokenizer tokenizer() {
        return new TestingTokenizer(64);
    }

    @Override
    public BatchLimits batchLimits() {
        return new BatchLimits(256, 32);
    }

    @Override
    public int concurrency() {
        return 2;
    }

    @Override
    public float[][] embed(List<TokenizedText> batch) throws EmbeddingException, InterruptedException {
        mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        try {
            return vectors(batch);
        } finally {
            underWay.decrementAndGet();
        }
    }

    private float[][] vectors(List<TokenizedText> batch) throws EmbeddingException, InterruptedException {
        boolean first = calls.incrementAndGet() == 1;
        Thread.sleep(slow ? 5 : 0);
        if (broken) {
            throw new EmbeddingException("the device is lost");
        }
        if (batch.stream().anyMatch(TestingEmbedder::isPoisoned)) {
            throw refusal(batch);
        }
        if (money.addAndGet(-batch.size()) < 0) {
            refused.countDown();
            throw new BudgetExhaustedException("no more texts are paid for");
        }
        if (first && firstIsLast) {
            refused.await();
            Thread.sleep(200);
        }
        answers.await();
        texts.addAndGet(batch.size());
        return batch.stream().map(text -> vector(text.text())).toArray(float[][]::new);
    }

    private EmbeddingException refusal(List<TokenizedText> batch) {
        EmbeddingException refusal = new EmbeddingException("the model cannot stomach this");
        if (!keeping || batch.stream().allMatch(TestingEmbedder::isPoisoned)) {
            return refusal;
        }
        texts.addAndGet(batch.size());
        return refusal.keeping(batch.stream()
                .map(text -> isPoisoned(text) ? null : vector(text.text()))
                .toArray(float[][]::new));
    }

    private static boolean isPoisoned(TokenizedText text) {
        return text.text().contains(POISON);
    }

    @Override
    public float[] embedQuery(String text) {
        return vector(text);
    }

    @Override
    public void close() {}
}
