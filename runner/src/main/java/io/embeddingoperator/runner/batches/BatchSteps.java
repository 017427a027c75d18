package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.batch.BatchApi;
import io.embeddingoperator.runner.embed.openai.batch.ProviderBatch;
import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a batch, one step at a time. Before each step outside, the sink is told what is about to happen, and after it what
 * came of it; what is in between when a process dies is found again by the batch's id, which its file and its metadata bear.
 */
final class BatchSteps {
    private static final Logger LOG = LoggerFactory.getLogger(BatchSteps.class);

    private final BatchApi api;
    private final PendingDocuments pending;
    private final Optional<BatchSubmission> handingIn;
    private final BatchImport importing;
    private final BatchEnd end;
    private final BatchQueue queue;
    private final BatchSize size;
    private final ProviderRecovery leftBehind;
    private final InstantSource clock;
    private final BatchListener listener;

    /** @param handingIn empty where batches are only to be ended */
    BatchSteps(
            BatchApi api,
            PendingDocuments pending,
            Optional<BatchSubmission> handingIn,
            BatchImport importing,
            BatchEnd end,
            BatchQueue queue,
            BatchSize size,
            ProviderRecovery leftBehind,
            InstantSource clock,
            BatchListener listener) {
        this.api = api;
        this.pending = pending;
        this.handingIn = handingIn;
        this.importing = importing;
        this.end = end;
        this.queue = queue;
        this.size = size;
        this.leftBehind = leftBehind;
        this.clock = clock;
        this.listener = listener;
    }

    /**
     * The next step; the batch as it was given when there is nothing to do but wait.
     *
     * @throws OpenAiException when the step is to be tried again later
     */
    BatchRecord next(BatchRecord batch) throws OpenAiException, InterruptedException {
        BatchRecord after = switch (batch.state()) {
            case Packed -> handingIn.orElseThrow().upload(batch);
            case Uploading -> handingIn.orElseThrow().findUpload(batch);
            case Uploaded -> handingIn.orElseThrow().create(batch);
            case Creating -> handingIn.orElseThrow().findCreated(batch);
            case Submitted, Cancelling -> ask(batch);
            case Importing -> importing.run(batch).orElse(batch);
            case Imported -> cleanUp(batch);
            case Done, Failed, Expired, Cancelled -> throw new IllegalStateException(batch.id() + " is over");
        };
        if (after.state() != batch.state()) {
            LOG.info(
                    "batch {} of shard {}: {} → {}{}",
                    batch.id(),
                    batch.shard(),
                    batch.state(),
                    after.state(),
                    words(after));
        }
        return after;
    }

    /** The batch as it is written down: a step that failed may have got half-way. */
    BatchRecord reread(BatchRecord batch) {
        return pending.batches().stream()
                .filter(stored -> stored.id().equals(batch.id()))
                .findFirst()
                .orElse(batch);
    }

    /** Ends a batch early: it is told to stop where it is at the provider, or may be. */
    BatchRecord cancel(BatchRecord batch, String reason) {
        return switch (batch.state()) {
            case Packed -> end.unpaid(batch, ProviderBatch.Status.CANCELLED, reason);
            case Uploading, Uploaded, Creating, Submitted ->
                pending.advance(batch.with(batch.atProvider().withError(Optional.of(reason)))
                        .in(BatchState.Cancelling));
            case Cancelling, Importing, Imported, Done, Failed, Expired, Cancelled -> batch;
        };
    }

    private BatchRecord ask(BatchRecord batch) throws OpenAiException, InterruptedException {
        boolean cancelling = batch.state() == BatchState.Cancelling;
        Optional<ProviderBatch> answer = batch.atProvider().providerBatchId().isPresent()
                ? api.get(batch.atProvider().providerBatchId().get())
                : leftBehind.batch(batch);
        listener.polled();
        if (answer.isEmpty()) {
            return missing(batch);
        }
        ProviderBatch provider = answer.get();
        importing.absences().found(batch.id());
        if (cancelling && !provider.status().over() && provider.status() != ProviderBatch.Status.CANCELLING) {
            api.cancel(provider.id());
        }
        if (provider.status() == ProviderBatch.Status.FAILED && !provider.mayHaveWorked()) {
            deleteEmptyResults(provider);
            if (cancelling) {
                return end.unpaid(batch, ProviderBatch.Status.FAILED, provider.problemSentence());
            }
        }
        Optional<Instant> cancelledAt = cancelling ? Optional.of(batch.changedAt()) : Optional.empty();
        BatchRecord known = batch.with(
                batch.atProvider().withProviderBatch(Optional.of(provider.id())).withProviderStatus(provider.word()));
        return follow(
                known, provider, BatchOutcome.of(provider, batch.expiresAt(), cancelledAt, clock.instant()), batch);
    }

    /** Nothing is known of them any more once the batch is handed in again. */
    private void deleteEmptyResults(ProviderBatch provider) throws OpenAiException, InterruptedException {
        for (Optional<String> id : List.of(provider.outputFileId(), provider.errorFileId())) {
            if (id.isPresent()
                    && api.file(id.get())
                            .filter(file -> file.bytes().equals(OptionalLong.of(0)))
                            .isPresent()) {
                api.deleteFile(id.get());
            }
        }
    }

    private BatchRecord follow(BatchRecord batch, ProviderBatch provider, BatchOutcome verdict, BatchRecord before)
            throws OpenAiException, InterruptedException {
        return switch (verdict) {
            case BatchOutcome.Wait _ -> batch.atProvider().equals(before.atProvider()) ? before : told(batch, provider);
            case BatchOutcome.Over _ when importing.awaitsResults(provider) -> resultsLate(batch, provider, before);
            case BatchOutcome.Over _ -> over(batch, provider);
            case BatchOutcome.Stuck stuck -> {
                LOG.warn("batch {} ({}) is cancelled: {}", batch.id(), provider.id(), stuck.sentence());
                yield pending.advance(batch.with(batch.atProvider().withError(Optional.of(stuck.sentence())))
                        .in(BatchState.Cancelling));
            }
            case BatchOutcome.WrittenOff off -> writtenOff(batch, off.sentence());
            case BatchOutcome.QueueFull full -> queueFull(batch, full);
            case BatchOutcome.FileGone gone -> handingIn.orElseThrow().fileGone(batch, gone.sentence());
            case BatchOutcome.Refused refused -> {
                queue.madeRoom();
                size.refused(batch.inputs(), refused.sentence());
                LOG.warn("batch {} was refused by the provider: {}", batch.id(), refused.sentence());
                yield end.unpaid(
                        batch, ProviderBatch.Status.FAILED, "the provider refused its batch: " + refused.sentence());
            }
            case BatchOutcome.Hopeless hopeless -> throw new SpecificationException(hopeless.sentence());
        };
    }

    private BatchRecord told(BatchRecord batch, ProviderBatch provider) {
        if (provider.status() == ProviderBatch.Status.IN_PROGRESS) {
            queue.accepted();
            size.accepted();
        }
        if (provider.status() == ProviderBatch.Status.UNKNOWN) {
            LOG.warn(
                    "batch {} ({}) has the unknown status \"{}\": it is waited for",
                    batch.id(),
                    provider.id(),
                    provider.word());
        }
        return pending.advance(batch);
    }

    private BatchRecord over(BatchRecord batch, ProviderBatch provider) {
        queue.accepted();
        size.accepted();
        queue.madeRoom();
        BatchRecord over = batch.with(batch.atProvider().withResults(provider.outputFileId(), provider.errorFileId()));
        OptionalLong billed = provider.billedOf(batch.tokens());
        if (billed.isPresent()) {
            over = over.billed(billed.getAsLong());
        }
        return pending.advance(over.in(BatchState.Importing));
    }

    private BatchRecord resultsLate(BatchRecord batch, ProviderBatch provider, BatchRecord before) {
        if (batch.atProvider().equals(before.atProvider())) {
            return before;
        }
        LOG.warn(
                "batch {} ({}) is \"{}\" with {} documents done, and does not name their results: it is asked again",
                batch.id(),
                provider.id(),
                provider.word(),
                provider.completed());
        return pending.advance(batch);
    }

    private BatchRecord queueFull(BatchRecord batch, BatchOutcome.QueueFull full) {
        Instant now = clock.instant();
        queue.refused(full.limit(), full.sentence(), now);
        LOG.info(
                "batch {} found the provider's queue full and is handed in again later, which costs nothing: {}",
                batch.id(),
                full.sentence());
        return pending.advance(batch.with(
                        batch.atProvider().withProviderBatch(Optional.empty()).withError(Optional.of(full.sentence())))
                .in(BatchState.Uploaded));
    }

    /** A batch that was made just now may not be found at once. */
    private BatchRecord missing(BatchRecord batch) throws OpenAiException {
        if (batch.state() == BatchState.Cancelling) {
            if (batch.atProvider().providerBatchId().isPresent()) {
                return writtenOff(batch, "the provider does not know it any more");
            }
            return leftBehind.mayStillAppear(batch)
                    ? batch
                    : end.unpaid(batch, ProviderBatch.Status.CANCELLED, "its batch was cancelled before it was made");
        }
        String id = batch.atProvider().providerBatchId().orElse("?");
        if (!importing.absences().believed(batch.id())) {
            throw new OpenAiException(new OpenAiFailure.NetworkTrouble(
                    false, "the provider does not find the batch %s, which may yet appear".formatted(id)));
        }
        throw new UnavailableException(
                ("the provider does not know the batch %s (%s) that it took before: check that the API key belongs to the"
                                + " project of that batch; where it is gone for good, embedding-runner cancel gives its documents back")
                        .formatted(id, batch.id()));
    }

    private BatchRecord writtenOff(BatchRecord batch, String sentence) {
        queue.madeRoom();
        LOG.warn(
                "batch {} is given up: {}: its documents are embedded again, and all its {} tokens count as billed",
                batch.id(),
                sentence,
                batch.tokens());
        return end.paid(batch, sentence);
    }

    /** Deletes what is at the provider. Safe to repeat, so that it is written down once it is all gone. */
    private BatchRecord cleanUp(BatchRecord batch) throws OpenAiException, InterruptedException {
        BatchRecord.ProviderState known = batch.atProvider();
        for (Optional<String> file : List.of(known.inputFileId(), known.outputFileId(), known.errorFileId())) {
            if (file.isPresent()) {
                api.deleteFile(file.get());
            }
        }
        leftBehind.remove(batch);
        return pending.advance(batch.in(finalState(known.providerStatus().map(ProviderBatch.Status::of))));
    }

    private static BatchState finalState(Optional<ProviderBatch.Status> status) {
        return switch (status.orElse(ProviderBatch.Status.CANCELLED)) {
            case COMPLETED -> BatchState.Done;
            case EXPIRED -> BatchState.Expired;
            case FAILED -> BatchState.Failed;
            case CANCELLED, CANCELLING, VALIDATING, IN_PROGRESS, FINALIZING, UNKNOWN -> BatchState.Cancelled;
        };
    }

    private static String words(BatchRecord batch) {
        return switch (batch.state()) {
            case Packed, Uploading, Creating, Cancelling, Imported, Done, Failed, Expired, Cancelled -> "";
            case Uploaded -> " as " + batch.atProvider().inputFileId().orElse("?");
            case Submitted ->
                " as %s: %,d documents, %,d texts, %,d tokens"
                        .formatted(
                                batch.atProvider().providerBatchId().orElse("?"),
                                batch.documents(),
                                batch.inputs(),
                                batch.tokens());
            case Importing -> ", " + batch.atProvider().providerStatus().orElse("?");
        };
    }
}
