package io.embeddingoperator.openai.simulator.fault;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/** What a refusal says about when to come back. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RetryAfter.None.class, name = "None"),
    @JsonSubTypes.Type(value = RetryAfter.Seconds.class, name = "Seconds"),
    @JsonSubTypes.Type(value = RetryAfter.HttpDate.class, name = "HttpDate"),
    @JsonSubTypes.Type(value = RetryAfter.Milliseconds.class, name = "Milliseconds"),
    @JsonSubTypes.Type(value = RetryAfter.Text.class, name = "Text")
})
public sealed interface RetryAfter {
    /** The headers, with lower-case names. */
    Map<String, String> headers();

    /** Nothing at all. */
    record None() implements RetryAfter {
        @Override
        public Map<String, String> headers() {
            return Map.of();
        }
    }

    record Seconds(int seconds) implements RetryAfter {
        @Override
        public Map<String, String> headers() {
            return Map.of("retry-after", Integer.toString(seconds));
        }
    }

    /** So many seconds from the moment of the reply, in the time that the client lives in. */
    record HttpDate(int secondsAhead) implements RetryAfter {
        @Override
        public Map<String, String> headers() {
            Instant date = Instant.now().plus(Duration.ofSeconds(secondsAhead));
            return Map.of("retry-after", DateTimeFormatter.RFC_1123_DATE_TIME.format(date.atOffset(ZoneOffset.UTC)));
        }
    }

    /** The header retry-after-ms and no other. */
    record Milliseconds(long milliseconds) implements RetryAfter {
        @Override
        public Map<String, String> headers() {
            return Map.of("retry-after-ms", Long.toString(milliseconds));
        }
    }

    /** What a broken gateway may write. */
    record Text(String text) implements RetryAfter {
        @Override
        public Map<String, String> headers() {
            return Map.of("retry-after", text);
        }
    }
}
