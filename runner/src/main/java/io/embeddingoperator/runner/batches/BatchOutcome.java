package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.batch.ProviderBatch;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailures;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What follows from what the provider says of a batch that was handed in. */
sealed interface BatchOutcome {
    /** It is at work: ask again later. */
    record Wait() implements BatchOutcome {}

    /** It should have been over long ago: tell the provider to stop, and take what there is. */
    record Stuck(String sentence) implements BatchOutcome {
        public Stuck {
            Objects.requireNonNull(sentence, "sentence");
        }
    }

    /** Even the order to stop led to nothing: its documents are done again, and all of it counts as billed. */
    record WrittenOff(String sentence) implements BatchOutcome {
        public WrittenOff {
            Objects.requireNonNull(sentence, "sentence");
        }
    }

    /** It is over, and what it has done is to be stored. */
    record Over() implements BatchOutcome {}

    /**
     * The provider's queue had no room for it, which cost nothing: the same file is handed in again later.
     *
     * @param limit tokens that the queue holds, where the provider says it
     */
    record QueueFull(OptionalLong limit, String sentence) implements BatchOutcome {
        public QueueFull {
            Objects.requireNonNull(limit, "limit");
            Objects.requireNonNull(sentence, "sentence");
        }
    }

    /** Its file was gone before it was read, which cost nothing: it is uploaded again. */
    record FileGone(String sentence) implements BatchOutcome {
        public FileGone {
            Objects.requireNonNull(sentence, "sentence");
        }
    }

    /** The provider refused the file as a whole, which cost nothing. */
    record Refused(String sentence) implements BatchOutcome {
        public Refused {
            Objects.requireNonNull(sentence, "sentence");
        }
    }

    /** No batch of this job can ever work. */
    record Hopeless(String sentence) implements BatchOutcome {
        public Hopeless {
            Objects.requireNonNull(sentence, "sentence");
        }
    }

    /** How long a batch may be late before it is given up: stuck ones were seen to end hours after their time. */
    Duration GRACE = Duration.ofHours(2);

    Pattern LIMIT = Pattern.compile("(?i)limit:\\s*([0-9][0-9,_ ]*)");
    Pattern QUEUE = Pattern.compile("(?i)enqueued (token|request) limit");
    Set<String> QUEUE_CODES = Set.of("token_limit_exceeded", "request_limit_exceeded");

    /**
     * Decides.
     *
     * @param expiresAt when the provider promised to be through, as it was told at the creation
     * @param cancelledAt when the provider was told to stop; empty where it was not
     */
    static BatchOutcome of(
            ProviderBatch batch, Optional<Instant> expiresAt, Optional<Instant> cancelledAt, Instant now) {
        return switch (batch.status()) {
            case COMPLETED, EXPIRED, CANCELLED -> new Over();
            case FAILED -> failed(batch);
            case VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING, UNKNOWN ->
                unfinished(batch, expiresAt, cancelledAt, now);
        };
    }

    private static BatchOutcome unfinished(
            ProviderBatch batch, Optional<Instant> expiresAt, Optional<Instant> cancelledAt, Instant now) {
        Optional<Instant> promised = batch.expiresAt().or(() -> expiresAt);
        if (cancelledAt.isPresent()) {
            return now.isAfter(cancelledAt.get().plus(GRACE))
                    ? new WrittenOff(
                            "it is still \"%s\" %d h after it was cancelled".formatted(batch.word(), GRACE.toHours()))
                    : new Wait();
        }
        return promised.isPresent() && now.isAfter(promised.get().plus(GRACE))
                ? new Stuck(
                        "it is still \"%s\" %d h after it should have expired".formatted(batch.word(), GRACE.toHours()))
                : new Wait();
    }

    /**
     * A failed batch has a reason and was not worked on, also where Azure OpenAI names empty files; one that has results all the
     * same is over.
     */
    private static BatchOutcome failed(ProviderBatch batch) {
        List<ProviderBatch.Problem> problems = batch.errors();
        if (batch.mayHaveWorked()) {
            return new Over();
        }
        for (ProviderBatch.Problem problem : problems) {
            if (QUEUE_CODES.contains(problem.code())
                    || QUEUE.matcher(problem.message()).find()) {
                OptionalLong limit = limit(problem);
                return limit.isPresent() && limit.getAsLong() == 0
                        ? new Hopeless(withoutBatches(problem.message()))
                        : new QueueFull(limit, problem.message());
            }
        }
        for (ProviderBatch.Problem problem : problems) {
            if (problem.code().equals("model_not_found")) {
                return new Hopeless(withoutBatches(batch.problemSentence()));
            }
            if (OpenAiFailures.isBilling(problem.code())) {
                return new Hopeless(OpenAiFailures.withoutMoney(
                        "the provider refuses a batch (%s)".formatted(batch.problemSentence())));
            }
        }
        boolean fileGone = problems.stream()
                .anyMatch(problem -> problem.code().equals("invalid_request")
                        && problem.message().toLowerCase(Locale.ROOT).contains("file"));
        return fileGone ? new FileGone(batch.problemSentence()) : new Refused(batch.problemSentence());
    }

    /** What to do about a model that has no batches. */
    static String withoutBatches(String sentence) {
        return "the Batch API does not serve the model of spec.embedder.openai.model: %s: use another one, or"
                        .formatted(sentence)
                + " spec.embedder.openai.mode Realtime";
    }

    /** Only the limit of tokens says how large a batch may be; that of requests is met by waiting. */
    private static OptionalLong limit(ProviderBatch.Problem problem) {
        Matcher number = LIMIT.matcher(problem.message());
        if (!problem.message().toLowerCase(Locale.ROOT).contains("token") || !number.find()) {
            return OptionalLong.empty();
        }
        String digits = number.group(1).replaceAll("\\D", "");
        return digits.length() > 18 ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(digits));
    }
}
