package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A batch as the provider tells of it.
 *
 * @param inputFileId the file that it was made of
 * @param word the status in the provider's own word
 * @param errors why it failed validation
 * @param completed lines that the provider counts as done; 0 while it validates
 * @param billedTokens empty where the provider does not say
 */
public record ProviderBatch(
        String id,
        Optional<String> inputFileId,
        Status status,
        String word,
        Optional<String> outputFileId,
        Optional<String> errorFileId,
        Optional<Instant> createdAt,
        Optional<Instant> expiresAt,
        List<Problem> errors,
        long completed,
        OptionalLong billedTokens,
        Map<String, String> metadata) {
    /** Its id here. */
    static final String BATCH = "embedding_operator_batch";

    /** What a person knows it by. */
    static final String JOB = "embedding_operator_job";

    /** Which creation of the batch made it: the first, or a later one after a refusal. */
    static final String ATTEMPT = "embedding_operator_attempt";

    public ProviderBatch {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(word, "word");
        errors = List.copyOf(errors);
        metadata = Map.copyOf(metadata);
    }

    /** Where a batch stands at the provider. */
    public enum Status {
        VALIDATING("QUEUED", "BATCH_STATE_PENDING"),
        IN_PROGRESS("RUNNING", "BATCH_STATE_RUNNING"),
        FINALIZING,
        CANCELLING("CANCELLATION_REQUESTED"),
        COMPLETED("SUCCESS", "BATCH_STATE_SUCCEEDED"),
        FAILED("FAILED", "BATCH_STATE_FAILED"),
        EXPIRED("TIMEOUT_EXCEEDED", "BATCH_STATE_EXPIRED"),
        CANCELLED("CANCELLED", "BATCH_STATE_CANCELLED"),
        /** A word that did not exist when this was written: the batch is not known to be over. */
        UNKNOWN;

        private final Set<String> ofOthers;

        /** @param ofOthers Mistral's word and Gemini's */
        Status(String... ofOthers) {
            this.ofOthers = Set.of(ofOthers);
        }

        /** As OpenAI writes it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** In OpenAI's, Mistral's or Gemini's word; Azure OpenAI begins some with a capital. */
        public static Status of(String word) {
            for (Status status : values()) {
                if (status.word().equalsIgnoreCase(word) || status.ofOthers.contains(word)) {
                    return status;
                }
            }
            return UNKNOWN;
        }

        /** Whether the provider does nothing more. */
        public boolean over() {
            return switch (this) {
                case VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING, UNKNOWN -> false;
                case COMPLETED, FAILED, EXPIRED, CANCELLED -> true;
            };
        }
    }

    /** A reason why a batch failed; either may be empty. */
    public record Problem(String code, String message) {}

    public static ProviderBatch of(JsonNode json) {
        String word = json.path("status").asText("");
        return new ProviderBatch(
                json.path("id").asText(""),
                named(json.path("input_file_id")),
                Status.of(word),
                word,
                named(json.path("output_file_id")),
                named(json.path("error_file_id")),
                time(json.path("created_at")),
                time(json.path("expires_at")),
                problems(json.path("errors").path("data")),
                json.path("request_counts").path("completed").asLong(),
                json.path("usage").path("total_tokens").isNumber()
                        ? OptionalLong.of(
                                json.path("usage").path("total_tokens").asLong())
                        : OptionalLong.empty(),
                metadata(json.path("metadata")));
    }

    /** A job of Mistral, which tells no bill and no time at which it is over. */
    static ProviderBatch ofJob(JsonNode json) {
        String word = json.path("status").asText("");
        return new ProviderBatch(
                json.path("id").asText(""),
                named(json.path("input_files").path(0)),
                Status.of(word),
                word,
                named(json.path("output_file")),
                named(json.path("error_file")),
                time(json.path("created_at")),
                Optional.empty(),
                problems(json.path("errors")),
                json.path("succeeded_requests").asLong(),
                OptionalLong.empty(),
                metadata(json.path("metadata")));
    }

    /** An operation of Gemini, which tells no bill. What it does not say in words shows in its result. */
    static ProviderBatch ofOperation(JsonNode json) {
        JsonNode batch = json.path("metadata");
        JsonNode failure = json.path("error");
        String word = batch.path("state").asText(json.path("done").asBoolean() ? endOf(failure) : "");
        String results = batch.path("output")
                .path("responsesFile")
                .asText(json.path("response").path("responsesFile").asText(""));
        return new ProviderBatch(
                lastPart(json.path("name").asText("")),
                present(lastPart(batch.path("inputConfig").path("fileName").asText(""))),
                Status.of(word),
                word,
                present(lastPart(results)),
                Optional.empty(),
                time(batch.path("createTime")),
                Optional.empty(),
                failure.isObject()
                        ? problems(JsonNodeFactory.instance.arrayNode().add(failure))
                        : List.of(),
                batch.path("batchStats").path("successfulRequestCount").asLong(),
                OptionalLong.empty(),
                ofDisplayName(batch.path("displayName").asText("")));
    }

    private static String endOf(JsonNode failure) {
        return failure.isObject() ? "BATCH_STATE_FAILED" : "BATCH_STATE_SUCCEEDED";
    }

    /** The metadata of a batch that has no other place for it than a name. */
    static String displayName(Map<String, String> metadata) {
        return "%s %s %s".formatted(metadata.get(BATCH), metadata.get(ATTEMPT), metadata.get(JOB));
    }

    private static Map<String, String> ofDisplayName(String name) {
        String[] parts = name.split(" ", 3);
        return parts.length == 3 ? Map.of(BATCH, parts[0], ATTEMPT, parts[1], JOB, parts[2]) : Map.of();
    }

    /** The id at the end of a resource's name. */
    static String lastPart(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    private static Optional<String> present(String id) {
        return Optional.of(id).filter(value -> !value.isBlank());
    }

    /** The same of a provider that goes on working when the time is over that it tells. */
    ProviderBatch withoutExpiry() {
        return new ProviderBatch(
                id,
                inputFileId,
                status,
                word,
                outputFileId,
                errorFileId,
                createdAt,
                Optional.empty(),
                errors,
                completed,
                billedTokens,
                metadata);
    }

    /** Whether it has done work whose results it does not name. */
    public boolean lacksResults() {
        return outputFileId.isEmpty() && completed > 0;
    }

    /** Whether it is done and names no file at all, not even one of errors. */
    public boolean namesNothing() {
        return status == Status.COMPLETED && outputFileId.isEmpty() && errorFileId.isEmpty();
    }

    /** Whether some of it may have been worked on: it has results, counts some as done, or bills them. */
    public boolean mayHaveWorked() {
        boolean named = outputFileId.isPresent() || errorFileId.isPresent();
        return completed > 0 || billedTokens.orElse(0) > 0 || named && errors.isEmpty();
    }

    /**
     * Tokens that are billed as far as it tells, and never less: work whose results are lost may have been all of it.
     *
     * @param tokens of the whole batch, as they were counted here
     */
    public OptionalLong billedOf(long tokens) {
        return billedTokens.isEmpty() && lacksResults() ? OptionalLong.of(tokens) : billedTokens;
    }

    public boolean isAttempt(int number) {
        return Integer.toString(number).equals(metadata.get(ATTEMPT));
    }

    /** What a person should read when the batch failed. */
    public String problemSentence() {
        if (errors.isEmpty()) {
            return "the provider gives no reason";
        }
        Problem first = errors.getFirst();
        String more = errors.size() == 1 ? "" : " (and %d more)".formatted(errors.size() - 1);
        String sentence = first.message().isBlank() ? first.code() : first.message();
        return first.code().isBlank() || first.message().isBlank()
                ? sentence + more
                : first.code() + ": " + sentence + more;
    }

    /** A clean batch may come with an empty id in place of none. */
    private static Optional<String> named(JsonNode id) {
        return Optional.ofNullable(id.textValue()).flatMap(ProviderBatch::present);
    }

    /** In seconds, or as text, as Azure OpenAI writes it. */
    private static Optional<Instant> time(JsonNode time) {
        if (time.isNumber()) {
            return Optional.of(Instant.ofEpochSecond(time.asLong()));
        }
        try {
            return Optional.ofNullable(time.textValue())
                    .map(text -> OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static List<Problem> problems(JsonNode data) {
        List<Problem> problems = new ArrayList<>();
        for (JsonNode error : data) {
            problems.add(new Problem(
                    error.path("code").asText(""), error.path("message").asText("")));
        }
        return problems;
    }

    private static Map<String, String> metadata(JsonNode json) {
        Map<String, String> metadata = new HashMap<>();
        json.properties()
                .forEach(entry -> metadata.put(entry.getKey(), entry.getValue().asText("")));
        return metadata;
    }
}
