package io.embeddingoperator.runner.sink.batch;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A batch as the sink knows it. What it is made of never changes; what happens to it does.
 *
 * @param id unlike that of any other batch, in this database and elsewhere
 * @param inputs chunks over all documents
 * @param tokens counted here, before it was sent
 * @param bytes of its file
 * @param atProvider what is known of it at the provider
 * @param billedTokens what the provider counted; empty while that is not known, and where it never tells
 * @param expiresAt when the provider gives up
 * @param submittedAt when the provider took it; of a batch that was handed in again, the last time
 */
public record BatchRecord(
        String id,
        int shard,
        BatchState state,
        int documents,
        int inputs,
        long tokens,
        long bytes,
        ProviderState atProvider,
        int uploads,
        int creations,
        OptionalLong billedTokens,
        Optional<Instant> expiresAt,
        Optional<Instant> submittedAt,
        Instant createdAt,
        Instant changedAt) {
    public BatchRecord {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(atProvider, "atProvider");
        Objects.requireNonNull(billedTokens, "billedTokens");
        Objects.requireNonNull(expiresAt, "expiresAt");
        Objects.requireNonNull(submittedAt, "submittedAt");
        Objects.requireNonNull(createdAt, "createdAt");
        Objects.requireNonNull(changedAt, "changedAt");
    }

    /**
     * What is known of a batch at the provider.
     *
     * @param providerStatus in the provider's words
     * @param error a sentence that says what went wrong last
     */
    public record ProviderState(
            Optional<String> inputFileId,
            Optional<String> providerBatchId,
            Optional<String> outputFileId,
            Optional<String> errorFileId,
            Optional<String> providerStatus,
            Optional<String> error) {
        public static final ProviderState NOTHING = new ProviderState(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        public ProviderState withInputFile(Optional<String> id) {
            return new ProviderState(id, providerBatchId, outputFileId, errorFileId, providerStatus, error);
        }

        public ProviderState withProviderBatch(Optional<String> id) {
            return new ProviderState(inputFileId, id, outputFileId, errorFileId, providerStatus, error);
        }

        public ProviderState withResults(Optional<String> output, Optional<String> errors) {
            return new ProviderState(inputFileId, providerBatchId, output, errors, providerStatus, error);
        }

        public ProviderState withProviderStatus(String status) {
            return new ProviderState(
                    inputFileId, providerBatchId, outputFileId, errorFileId, Optional.ofNullable(status), error);
        }

        public ProviderState withError(Optional<String> sentence) {
            return new ProviderState(inputFileId, providerBatchId, outputFileId, errorFileId, providerStatus, sentence);
        }
    }

    /** The name that no other file has at the provider. */
    public String fileName() {
        return id + ".jsonl";
    }

    public BatchRecord in(BatchState next) {
        return copy(next, atProvider, uploads, creations, billedTokens, expiresAt, submittedAt);
    }

    public BatchRecord with(ProviderState known) {
        return copy(state, known, uploads, creations, billedTokens, expiresAt, submittedAt);
    }

    /** One more upload is tried. */
    public BatchRecord uploadedAgain() {
        return copy(state, atProvider, uploads + 1, creations, billedTokens, expiresAt, submittedAt);
    }

    /** One more creation is tried. */
    public BatchRecord createdAgain() {
        return copy(state, atProvider, uploads, creations + 1, billedTokens, expiresAt, submittedAt);
    }

    public BatchRecord billed(long tokensBilled) {
        return copy(state, atProvider, uploads, creations, OptionalLong.of(tokensBilled), expiresAt, submittedAt);
    }

    /** The provider does not tell what it cost: the tokens that were counted here stand for it. */
    public BatchRecord untold() {
        return copy(state, atProvider, uploads, creations, OptionalLong.empty(), expiresAt, submittedAt);
    }

    public BatchRecord expiringAt(Optional<Instant> time) {
        return copy(state, atProvider, uploads, creations, billedTokens, time, submittedAt);
    }

    /** The provider has taken it. */
    public BatchRecord submittedAt(Instant time) {
        return copy(state, atProvider, uploads, creations, billedTokens, expiresAt, Optional.of(time));
    }

    BatchRecord changedAt(Instant time) {
        return new BatchRecord(
                id,
                shard,
                state,
                documents,
                inputs,
                tokens,
                bytes,
                atProvider,
                uploads,
                creations,
                billedTokens,
                expiresAt,
                submittedAt,
                createdAt,
                time);
    }

    private BatchRecord copy(
            BatchState newState,
            ProviderState newAtProvider,
            int newUploads,
            int newCreations,
            OptionalLong newBilledTokens,
            Optional<Instant> newExpiresAt,
            Optional<Instant> newSubmittedAt) {
        return new BatchRecord(
                id,
                shard,
                newState,
                documents,
                inputs,
                tokens,
                bytes,
                newAtProvider,
                newUploads,
                newCreations,
                newBilledTokens,
                newExpiresAt,
                newSubmittedAt,
                createdAt,
                changedAt);
    }
}
