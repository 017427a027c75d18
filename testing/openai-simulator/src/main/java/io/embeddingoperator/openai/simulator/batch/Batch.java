package io.embeddingoperator.openai.simulator.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.fault.BatchFault;
import io.embeddingoperator.openai.simulator.fault.BatchState;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A batch with its history. Guarded by {@link Batches}. */
final class Batch {
    static final Duration WINDOW = Duration.ofHours(24);

    final String id;
    final Account account;
    final String inputFileId;
    final Optional<JsonNode> metadata;
    final Optional<Duration> outputExpiresAfter;
    final List<BatchFault> faults;
    final Instant createdAt;
    /** When the batch came into each state that it has been in. */
    final Map<BatchState, Instant> since = new EnumMap<>(BatchState.class);

    /** What its file holds; empty where there is no such file. */
    final Optional<CompletableFuture<CheckedInput>> input;

    BatchState state = BatchState.VALIDATING;
    Optional<CheckedInput> checked = Optional.empty();
    List<BatchError> errors = List.of();
    /** Lines that will have been reached, once that is settled. */
    int reached;
    /** How it ends after finalizing or cancelling. */
    BatchState ending = BatchState.COMPLETED;

    Optional<Outcome> outcome = Optional.empty();
    long billedTokens;

    @Nullable
    String outputFileId;

    private int questions;

    @Nullable
    String errorFileId;

    Batch(
            String id,
            Account account,
            String inputFileId,
            Optional<JsonNode> metadata,
            Optional<Duration> outputExpiresAfter,
            List<BatchFault> faults,
            Instant createdAt,
            Optional<CompletableFuture<CheckedInput>> input) {
        this.id = id;
        this.account = account;
        this.inputFileId = inputFileId;
        this.metadata = metadata;
        this.outputExpiresAfter = outputExpiresAfter;
        this.faults = List.copyOf(faults);
        this.createdAt = createdAt;
        this.input = input;
        since.put(BatchState.VALIDATING, createdAt);
    }

    void enter(BatchState entered, Instant at) {
        state = entered;
        since.put(entered, at);
    }

    /** When the batch came into the state that it is in. */
    Instant entered() {
        return Objects.requireNonNull(since.get(state), state.name());
    }

    <T extends BatchFault> Optional<T> fault(Class<T> kind) {
        return faults.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    Instant expiresAt() {
        return createdAt.plus(WINDOW);
    }

    int lines() {
        return checked.map(input -> input.index().lines()).orElse(0);
    }

    ObjectNode json(int done) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id);
        json.put("object", "batch");
        json.put("endpoint", Batches.ENDPOINT);
        json.set("errors", errors.isEmpty() ? null : errors());
        json.put("input_file_id", inputFileId);
        json.put("completion_window", "24h");
        json.put("status", status());
        json.put("output_file_id", isNamedYet() ? outputFileId : null);
        json.put("error_file_id", errorFileId);
        json.put("created_at", createdAt.getEpochSecond());
        put(json, "in_progress_at", BatchState.IN_PROGRESS);
        json.put("expires_at", expiresAt().getEpochSecond());
        put(json, "finalizing_at", BatchState.FINALIZING);
        put(json, "completed_at", BatchState.COMPLETED);
        put(json, "failed_at", BatchState.FAILED);
        put(json, "expired_at", BatchState.EXPIRED);
        put(json, "cancelling_at", BatchState.CANCELLING);
        put(json, "cancelled_at", BatchState.CANCELLED);
        json.set("request_counts", counts(done));
        json.set("metadata", fault(BatchFault.NoMetadata.class).isPresent() ? null : metadata.orElse(null));
        checked.ifPresent(input -> json.put("model", input.modelName()));
        if (state.ended()
                && state != BatchState.FAILED
                && fault(BatchFault.UntoldBill.class).isEmpty()) {
            ObjectNode usage = json.putObject("usage");
            usage.put("input_tokens", billedTokens);
            usage.putObject("input_tokens_details").put("cached_tokens", 0);
            usage.put("output_tokens", 0);
            usage.putObject("output_tokens_details").put("reasoning_tokens", 0);
            usage.put("total_tokens", billedTokens);
        }
        return json;
    }

    private boolean isNamedYet() {
        questions += outputFileId == null ? 0 : 1;
        return fault(BatchFault.OutputNamedLate.class)
                .map(late -> questions > late.questions())
                .orElse(true);
    }

    private String status() {
        return fault(BatchFault.UnknownStatus.class)
                .filter(_ -> state == BatchState.IN_PROGRESS)
                .map(BatchFault.UnknownStatus::status)
                .orElseGet(state::status);
    }

    private void put(ObjectNode json, String name, BatchState when) {
        Instant at = since.get(when);
        json.put(name, at == null ? null : (Long) at.getEpochSecond());
    }

    private ObjectNode counts(int done) {
        boolean counted = state != BatchState.VALIDATING && state != BatchState.FAILED && checked.isPresent();
        int more = fault(BatchFault.CountsDisagree.class).map(_ -> 2).orElse(0);
        return JsonNodeFactory.instance
                .objectNode()
                .put("total", counted ? lines() + more : 0)
                .put("completed", outcome.map(Outcome::completed).orElse(counted ? done : 0) + (counted ? more : 0))
                .put("failed", outcome.map(Outcome::failed).orElse(0));
    }

    private ObjectNode errors() {
        ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        for (BatchError error : errors) {
            data.addObject()
                    .put("code", error.code())
                    .put("message", error.message())
                    .put("param", error.param())
                    .put("line", error.line());
        }
        return list;
    }
}
