package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import io.embeddingoperator.runner.embed.openai.server.ServerPreset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much a request may hold, as the server shows by what it refuses and by what it does not answer in time. Each lesson is
 * logged once, and kept for as long as the process lives. Safe for concurrent use.
 */
final class RequestSize {
    private static final Logger LOG = LoggerFactory.getLogger(RequestSize.class);

    /** Of the texts that were too many to be answered in time: a half would often be as slow, and each time-out costs minutes. */
    private static final int FEWER_TEXTS = 4;

    /** Twice the texts take twice the time and wait for as many other requests: so far below a time-out, none is near. */
    private static final int TIMES_BELOW_TIME_OUT = 8;

    private static final int PAYLOAD_TOO_LARGE = 413;

    /** The least that the manifest takes. */
    private static final int FEWEST_BYTES = 1_024;

    private static final Pattern NAMED_MOST =
            Pattern.compile("(?i)(?:at most|larger than|more than|maximum|limit|up to|max)\\D{0,25}?(\\d{1,5})\\b");

    private final ServerPreset given;
    private final Duration slow;

    /** What the server refused to go beyond; only time-outs are forgotten. */
    private int mostTexts;

    private int texts;
    private int tokens;
    private int bytes;
    private Optional<Duration> timeOut = Optional.empty();

    /**
     * @param given what is known before anything is sent
     * @param slow how long a request must have gone unanswered for its size to be the reason
     */
    RequestSize(ServerPreset given, Duration slow) {
        this.given = given;
        this.slow = slow;
        this.mostTexts = given.maxTexts();
        this.texts = given.maxTexts();
        this.tokens = given.maxTokens();
        this.bytes = given.maxBytes();
    }

    /**
     * What one request holds.
     *
     * @param tokens of all texts
     * @param bytes of its body
     */
    record Load(int texts, long tokens, int bytes) {}

    synchronized int texts() {
        return texts;
    }

    synchronized int tokens() {
        return tokens;
    }

    /** Whether a request is more than the server is known to take; a single text cannot be divided. */
    synchronized boolean isTooLarge(Load load) {
        return load.texts() > 1 && (load.texts() > texts || load.tokens() > tokens || load.bytes() > bytes);
    }

    /**
     * The server says that it does not take so much at once.
     *
     * @return whether that is news: requests that were under way together are refused together, and the first alone teaches something
     */
    synchronized boolean refused(Load load, OpenAiFailure.TooLarge answer) {
        if (load.texts() < 2) {
            return false;
        }
        String message = answer.error().message();
        if (answer.reply().status() == PAYLOAD_TOO_LARGE) {
            int before = bytes;
            bytes = Math.min(bytes, load.bytes() / 2);
            return tell(load.bytes(), "bytes", before, bytes);
        }
        if (message.toLowerCase(Locale.ROOT).contains("token")) {
            int before = tokens;
            tokens = Math.clamp(load.tokens() / 2, 1, tokens);
            return tell(load.tokens(), "tokens", before, tokens);
        }
        int before = texts;
        mostTexts = Math.min(mostTexts, named(message, load.texts()));
        texts = Math.min(texts, mostTexts);
        return tell(load.texts(), "texts", before, texts);
    }

    private static boolean tell(long refused, String unit, int before, int now) {
        boolean news = now < before;
        if (news) {
            LOG.info("the server refuses a request of {} {}: up to {} from now on", refused, unit, now);
        }
        return news;
    }

    /**
     * No answer came, or one that tells of a time-out on the way.
     *
     * @return whether the request was so slow that fewer texts may be answered
     */
    synchronized boolean unanswered(Load load, Duration waited) {
        if (load.texts() < 2 || waited.compareTo(slow) < 0) {
            return false;
        }
        timeOut = Optional.of(
                timeOut.filter(sooner -> sooner.compareTo(waited) < 0).orElse(waited));
        int fewer = Math.max(1, load.texts() / FEWER_TEXTS);
        if (fewer < texts) {
            texts = fewer;
            LOG.warn(
                    "the server did not answer a request of {} texts within {} s: up to {} texts a request from now on",
                    load.texts(),
                    waited.toSeconds(),
                    texts);
        }
        return true;
    }

    /** After an accident, or while the server was busy for others, requests grow again once they are answered soon. */
    synchronized void answered(Load load, Duration took) {
        Duration comfortable = took.multipliedBy(TIMES_BELOW_TIME_OUT);
        if (load.texts() >= texts
                && texts < mostTexts
                && timeOut.filter(limit -> comfortable.compareTo(limit) < 0).isPresent()) {
            texts = (int) Math.min(mostTexts, texts * 2L);
            LOG.info("the server answers soon again: up to {} texts a request from now on", texts);
        }
    }

    /** What to write into the manifest, so that the next run need not find it out; empty where nothing was learned. */
    synchronized Optional<String> advice() {
        List<String> settings = new ArrayList<>();
        if (texts < given.maxTexts()) {
            settings.add("maxRequestTexts to %d".formatted(texts));
        }
        if (tokens < given.maxTokens()) {
            settings.add("maxRequestTokens to %d".formatted(tokens));
        }
        if (bytes < given.maxBytes()) {
            settings.add("maxRequestBytes to %d".formatted(Math.max(FEWEST_BYTES, bytes)));
        }
        return settings.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "the server takes less in a request than was assumed: set spec.embedder.openai.limits.%s, which spares the next run the attempts"
                                .formatted(String.join(" and spec.embedder.openai.limits.", settings)));
    }

    private static int named(String message, int sentTexts) {
        return NAMED_MOST
                .matcher(message)
                .results()
                .mapToInt(most -> Integer.parseInt(most.group(1)))
                .filter(most -> most > 0 && most < sentTexts)
                .findFirst()
                .orElse(sentTexts / 2);
    }
}
