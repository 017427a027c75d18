package io.embeddingoperator.runner.embed.openai.batch;

import io.embeddingoperator.runner.embed.openai.reply.ReplyFlaw;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A line of a batch's output or error file. */
public sealed interface ResultLine {
    /**
     * A document's vectors, in the order of its texts: as many as were asked for, of the right length, all finite.
     *
     * @param tokens that were billed
     */
    record Embedded(String customId, float[][] vectors, long tokens) implements ResultLine {
        public Embedded {
            Objects.requireNonNull(customId, "customId");
            Objects.requireNonNull(vectors, "vectors");
        }
    }

    /** The request was refused, or failed, with a status. */
    record Refused(
            String customId,
            int status,
            @Nullable String code,
            @Nullable String message) implements ResultLine {
        public Refused {
            Objects.requireNonNull(customId, "customId");
        }

        /** Whether another try must end the same way, because the request itself is at fault. */
        public boolean forItsContent() {
            return switch (status) {
                case 400, 413, 422 -> true;
                default -> false;
            };
        }

        /** Whether the server is sure of it: neither overload nor an accident. */
        public boolean wouldBeAgain() {
            return status / 100 == 4 && status != 408 && status != 425 && status != 429;
        }

        /** Whether no request like it can ever succeed, because the model does not give vectors of this length. */
        public boolean forItsDimensions() {
            return forItsContent() && message != null && message.contains("dimensions");
        }

        public String sentence() {
            String said = forItsContent()
                    ? "the provider refuses it"
                    : "the provider answered %d%s".formatted(status, code == null ? "" : " " + code);
            return message == null || message.isBlank() ? said : said + ": " + message;
        }
    }

    /** The request was never worked on, for example because the batch expired. */
    record NotRun(
            String customId,
            @Nullable String code,
            @Nullable String message) implements ResultLine {
        public NotRun {
            Objects.requireNonNull(customId, "customId");
        }

        public String sentence() {
            String said = "the provider did not work on it" + (code == null ? "" : " (" + code + ")");
            return message == null || message.isBlank() ? said : said + ": " + message;
        }
    }

    /**
     * A reply that cannot be used, though it was billed.
     *
     * @param flaw what is wrong with it
     */
    record Unusable(String customId, long tokens, ReplyFlaw flaw) implements ResultLine {
        public Unusable {
            Objects.requireNonNull(customId, "customId");
            Objects.requireNonNull(flaw, "flaw");
        }

        public String why() {
            return flaw.sentence();
        }
    }

    /** A line of a document that waits for nothing any more, or of none that was asked for: its vectors were not looked at. */
    record PassedOver(String customId, long tokens) implements ResultLine {
        public PassedOver {
            Objects.requireNonNull(customId, "customId");
        }
    }

    /** No line at all: broken JSON, cut off, or without a custom_id. */
    record Garbage(String why) implements ResultLine {
        public Garbage {
            Objects.requireNonNull(why, "why");
        }
    }
}
