package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.batch.BatchApi;
import io.embeddingoperator.runner.embed.openai.batch.ProviderBatch;
import io.embeddingoperator.runner.embed.openai.batch.StoredFile;
import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds at the provider what requests have made whose replies were lost. */
final class ProviderRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderRecovery.class);

    private final BatchApi api;
    private final BatchTiming timing;
    private final InstantSource clock;
    private final Map<String, Instant> asked = new ConcurrentHashMap<>();

    ProviderRecovery(BatchApi api, BatchTiming timing, InstantSource clock) {
        this.api = api;
        this.timing = timing;
        this.clock = clock;
    }

    /** The batch's file where it is there, whole; others of its name are deleted. */
    Optional<String> file(BatchRecord batch) throws OpenAiException, InterruptedException {
        Optional<String> found = Optional.empty();
        for (StoredFile file : api.filesNamed(batch.fileName())) {
            boolean whole = file.bytes().isPresent() && file.bytes().getAsLong() == batch.bytes();
            if (whole && found.isEmpty()) {
                found = Optional.of(file.id());
            } else {
                api.deleteFile(file.id());
            }
        }
        return found;
    }

    /** A creation's reply was lost just now. */
    void asked(BatchRecord batch) {
        asked.put(batch.id(), clock.instant());
    }

    /**
     * The batch that a lost creation made. That of an earlier creation counts as well, unless it is known to have failed: it
     * would be paid for. Of several the first goes on, and the others are cancelled.
     */
    Optional<ProviderBatch> batch(BatchRecord batch) throws OpenAiException, InterruptedException {
        asked.putIfAbsent(batch.id(), clock.instant());
        Optional<ProviderBatch> found = Optional.empty();
        for (ProviderBatch candidate : paidFor(batch)) {
            if (found.isEmpty()) {
                found = Optional.of(candidate);
            } else {
                cancel(candidate, batch);
            }
        }
        return found;
    }

    /** Whether a creation whose reply was lost may yet take place: where it is made again too early, two are paid for. */
    boolean mayStillAppear(BatchRecord batch) {
        Instant since = asked.computeIfAbsent(batch.id(), _ -> clock.instant());
        boolean still = clock.instant().isBefore(since.plus(timing.settle()));
        if (!still) {
            asked.remove(batch.id());
        }
        return still;
    }

    /** Removes what requests made that were sent more than once, beside what is known of the batch. */
    void remove(BatchRecord batch) throws OpenAiException, InterruptedException {
        if (batch.uploads() > 1 || batch.atProvider().inputFileId().isEmpty() && batch.uploads() > 0) {
            for (StoredFile file : api.filesNamed(batch.fileName())) {
                api.deleteFile(file.id());
            }
        }
        if (batch.creations() > 1) {
            for (ProviderBatch other : paidFor(batch)) {
                if (!other.status().over()
                        && !batch.atProvider().providerBatchId().equals(Optional.of(other.id()))) {
                    cancel(other, batch);
                }
            }
        }
    }

    private List<ProviderBatch> paidFor(BatchRecord batch) throws OpenAiException, InterruptedException {
        return api.batchesOf(batch.id(), batch.atProvider().inputFileId()).stream()
                .filter(candidate ->
                        candidate.status() != ProviderBatch.Status.FAILED || candidate.isAttempt(batch.creations()))
                .toList();
    }

    private void cancel(ProviderBatch other, BatchRecord batch) throws OpenAiException, InterruptedException {
        LOG.warn("batch {} was made twice: {} is cancelled", batch.id(), other.id());
        api.cancel(other.id());
    }
}
