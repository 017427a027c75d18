package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.batch.BatchApi;
import io.embeddingoperator.runner.embed.openai.batch.ProviderBatch;
import io.embeddingoperator.runner.embed.openai.http.OpenAiError;
import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps that bring a batch to the provider: its file is uploaded, and the batch is made of it, once. */
final class BatchSubmission {
    private static final Logger LOG = LoggerFactory.getLogger(BatchSubmission.class);

    /** A file may be lost by accident, but not again and again. */
    private static final int MOST_LOST_FILES = 5;

    private static final Pattern MISSING_FILE = Pattern.compile(
            "(?i)no such file|\\bfile\\b.*\\b(not found|not be found|not exist|no longer|deleted|expired|missing)\\b"
                    + "|\\b(no|not find|unknown|missing)\\b.*\\bfile\\b");

    private final BatchApi api;
    private final PendingDocuments pending;
    private final BatchFiles files;
    private final BatchEnd end;
    private final BatchQueue queue;
    private final ProviderRecovery leftBehind;
    private final InstantSource clock;

    BatchSubmission(
            BatchApi api,
            PendingDocuments pending,
            BatchFiles files,
            BatchEnd end,
            BatchQueue queue,
            ProviderRecovery leftBehind,
            InstantSource clock) {
        this.api = api;
        this.pending = pending;
        this.files = files;
        this.end = end;
        this.queue = queue;
        this.leftBehind = leftBehind;
        this.clock = clock;
    }

    BatchRecord upload(BatchRecord batch) throws OpenAiException, InterruptedException {
        try (BatchFiles.WrittenFile file = files.write(batch, pending)) {
            if (file.documents() == 0) {
                return end.unpaid(batch, ProviderBatch.Status.CANCELLED, "none of its documents is pending any more");
            }
            BatchRecord uploading =
                    pending.advance(batch.in(BatchState.Uploading).uploadedAgain());
            return uploaded(uploading, api.upload(file.path(), batch.fileName()));
        }
    }

    /** The process died, or the reply was lost, and it is not known whether the file is there. */
    BatchRecord findUpload(BatchRecord batch) throws OpenAiException, InterruptedException {
        Optional<String> found = leftBehind.file(batch);
        if (found.isPresent()) {
            return uploaded(batch, found.get());
        }
        return upload(batch);
    }

    private BatchRecord uploaded(BatchRecord batch, String fileId) {
        return pending.advance(batch.with(batch.atProvider().withInputFile(Optional.of(fileId)))
                .in(BatchState.Uploaded));
    }

    BatchRecord create(BatchRecord batch) throws OpenAiException, InterruptedException {
        if (queue.tooLarge(batch.tokens())) {
            return end.unpaid(
                    batch,
                    ProviderBatch.Status.FAILED,
                    "the provider's queue is smaller than the batch: it is divided");
        }
        if (!queue.admits(batch.tokens(), pending.totals().enqueuedTokensOfRun(), clock.instant())) {
            return batch;
        }
        if (api.isPreparing(batch.atProvider().inputFileId().orElseThrow())) {
            return batch;
        }
        BatchRecord creating = pending.advance(batch.in(BatchState.Creating).createdAgain());
        try {
            return submitted(
                    creating,
                    api.create(batch.atProvider().inputFileId().orElseThrow(), batch.id(), creating.creations()));
        } catch (OpenAiException e) {
            if (mayHaveTakenPlace(e.failure())) {
                leftBehind.asked(creating);
                return creating;
            }
            // Handed in again later, from the same file, unless the provider has lost that.
            if (missesTheFile(e.failure())) {
                fileGone(creating, e.getMessage());
            } else {
                pending.advance(creating.in(BatchState.Uploaded));
            }
            throw e;
        }
    }

    /**
     * The provider has lost the file: it is uploaded again.
     *
     * @throws UnavailableException when that has happened again and again: each upload may be of 200 MB
     */
    BatchRecord fileGone(BatchRecord batch, String sentence) {
        // Uploads and creations are also repeated one without the other, which loses no file.
        if (Math.min(batch.uploads(), batch.creations()) >= MOST_LOST_FILES) {
            throw new UnavailableException(
                    ("the provider does not find the file of the batch %s, which was uploaded %d times: %s: check that files"
                                    + " and batches of spec.embedder.openai.baseUrl belong to one project, or set"
                                    + " spec.embedder.openai.mode to Realtime")
                            .formatted(batch.id(), batch.uploads(), sentence));
        }
        LOG.warn("batch {}: {}: its file is uploaded again", batch.id(), sentence);
        return pending.advance(batch.with(BatchRecord.ProviderState.NOTHING).in(BatchState.Packed));
    }

    /** A server without batches, or without the model, also answers that it finds nothing. */
    private static boolean missesTheFile(OpenAiFailure failure) {
        OpenAiError error = switch (failure) {
            case OpenAiFailure.NotFound missing -> missing.error();
            case OpenAiFailure.BadRequest bad -> bad.error();
            case OpenAiFailure _ -> null;
        };
        return error != null
                && !error.is("model_not_found")
                && MISSING_FILE.matcher(error.message()).find();
    }

    private static boolean mayHaveTakenPlace(OpenAiFailure failure) {
        return switch (failure) {
            case OpenAiFailure.NetworkTrouble trouble -> trouble.sent();
            case OpenAiFailure.ServerTrouble _ -> true;
            case OpenAiFailure.Throttled _, OpenAiFailure.Fatal _, OpenAiFailure.Refused _ -> false;
        };
    }

    /** The process died, or the reply was lost, and it is not known whether the batch was made. */
    BatchRecord findCreated(BatchRecord batch) throws OpenAiException, InterruptedException {
        Optional<ProviderBatch> found = leftBehind.batch(batch);
        if (found.isPresent()) {
            LOG.info("batch {} was made by a request whose reply was lost: it is not made again", batch.id());
            return submitted(batch, found.get());
        }
        return leftBehind.mayStillAppear(batch) ? batch : pending.advance(batch.in(BatchState.Uploaded));
    }

    private BatchRecord submitted(BatchRecord batch, ProviderBatch provider) {
        return pending.advance(batch.with(batch.atProvider()
                        .withProviderBatch(Optional.of(provider.id()))
                        .withProviderStatus(provider.word()))
                .expiringAt(provider.expiresAt())
                .submittedAt(provider.createdAt().orElseGet(clock::instant))
                .in(BatchState.Submitted));
    }
}
