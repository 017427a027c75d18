package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.batch.BatchApi;
import io.embeddingoperator.runner.embed.openai.batch.BatchResults;
import io.embeddingoperator.runner.embed.openai.batch.ProviderBatch;
import io.embeddingoperator.runner.embed.openai.batch.ResultLine;
import io.embeddingoperator.runner.embed.openai.batch.StoredFile;
import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchContents;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.pending.ImportEnd;
import io.embeddingoperator.runner.sink.pending.ImportOutcome;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the results of a batch as they come in from the provider. It may be repeated after a crash at any point: what is stored
 * already is passed over, and only at the end the batch counts as imported and its money as spent.
 */
final class BatchImport {
    private static final Logger LOG = LoggerFactory.getLogger(BatchImport.class);

    /** Where a file is again and again shorter than the provider says, it is taken as it is. */
    private static final int MOST_SHORT_READS = 5;

    private final BatchApi api;
    private final PendingDocuments pending;
    private final Purpose purpose;
    private final int dimensions;
    private final Optional<ResultCheck> check;
    private final BooleanSupplier stopping;
    private final MissingResults absences;
    private final BatchListener listener;
    private final Map<String, Integer> shortReads = new HashMap<>();

    /** What results are read for. */
    enum Purpose {
        STORE,
        /** Only to learn what was billed: the vectors are not wanted any more. */
        COUNT
    }

    /** @param check that ends a job whose batches bring nothing; empty where no other batch follows */
    BatchImport(
            BatchApi api,
            PendingDocuments pending,
            Purpose purpose,
            int dimensions,
            Optional<ResultCheck> check,
            BooleanSupplier stopping,
            MissingResults absences,
            BatchListener listener) {
        this.api = api;
        this.pending = pending;
        this.purpose = purpose;
        this.dimensions = dimensions;
        this.check = check;
        this.stopping = stopping;
        this.absences = absences;
        this.listener = listener;
    }

    /** Whether a batch that is over has done work whose results it does not name, but may yet name. */
    boolean awaitsResults(ProviderBatch provider) {
        return purpose == Purpose.STORE
                && (provider.lacksResults() || provider.namesNothing())
                && !absences.believed(provider.id());
    }

    /** What the provider did not find, the batches themselves included. */
    MissingResults absences() {
        return absences;
    }

    /** Empty when this process is asked to stop meanwhile. */
    Optional<BatchRecord> run(BatchRecord batch) throws OpenAiException, InterruptedException {
        BatchContents contents = switch (purpose) {
            case STORE -> pending.contents(batch);
            case COUNT -> BatchContents.nothing(batch.documents());
        };
        ImportLedger ledger = new ImportLedger(batch.id(), contents.inputs());
        List<String> gone = new ArrayList<>();
        Map<String, Long> read = new TreeMap<>();
        // The small file comes first: while it is not there, the large one need not be read again and again.
        for (Optional<String> file :
                List.of(batch.atProvider().errorFileId(), batch.atProvider().outputFileId())) {
            if (file.isPresent() && !read(batch, contents, file.get(), ledger, gone, read)) {
                return Optional.empty();
            }
        }
        if (ledger.hasGarbage() || ledger.hasGaps()) {
            checkLengths(read);
        }
        if (check.isPresent() && isNothing(batch, ledger, gone)) {
            check.get().nothing(batch);
        } else if (check.isPresent()) {
            check.get().check(batch, ledger);
        }
        return Optional.of(end(batch, ledger, gone));
    }

    /** Whether the file was read to its end. */
    private boolean read(
            BatchRecord batch,
            BatchContents contents,
            String file,
            ImportLedger ledger,
            List<String> gone,
            Map<String, Long> lengths)
            throws OpenAiException, InterruptedException {
        Optional<InputStream> content = api.content(file);
        if (content.isEmpty()) {
            checkGone(file);
            gone.add(file);
            return true;
        }
        try (InputStream in = content.get()) {
            BatchResults reader = api.results(in, dimensions, ledger::expected);
            boolean read = read(batch, contents, reader, ledger);
            lengths.put(file, reader.bytes());
            return read;
        } catch (IOException e) {
            throw brokeOff(file, Objects.requireNonNullElse(e.getMessage(), "no reason is known"));
        }
    }

    /** Returns once the file is gone for good. */
    private void checkGone(String file) throws OpenAiException, InterruptedException {
        if (purpose == Purpose.COUNT) {
            return;
        }
        if (api.file(file).isPresent()) {
            throw trouble(
                    ("the provider has the results in %s and does not find their content: embedding-runner cancel gives"
                                    + " the documents back, to be paid for again")
                            .formatted(file));
        }
        if (!absences.believed(file)) {
            throw trouble("the provider does not find the results in %s, which may yet appear".formatted(file));
        }
    }

    /** A download that ends early in good order looks like a short file, whose missing lines would be paid for again. */
    private void checkLengths(Map<String, Long> read) throws OpenAiException, InterruptedException {
        for (Map.Entry<String, Long> file : read.entrySet()) {
            OptionalLong bytes = api.file(file.getKey()).map(StoredFile::bytes).orElse(OptionalLong.empty());
            if (bytes.isPresent()
                    && file.getValue() < bytes.getAsLong()
                    && shortReads.merge(file.getKey(), 1, Integer::sum) <= MOST_SHORT_READS) {
                throw brokeOff(file.getKey(), "%,d of %,d bytes came".formatted(file.getValue(), bytes.getAsLong()));
            }
        }
    }

    private static OpenAiException brokeOff(String file, String how) {
        return trouble("the download of the results in %s broke off: %s".formatted(file, how));
    }

    /** To be tried again. */
    private static OpenAiException trouble(String sentence) {
        return new OpenAiException(new OpenAiFailure.NetworkTrouble(false, sentence));
    }

    private boolean read(BatchRecord batch, BatchContents contents, BatchResults reader, ImportLedger ledger)
            throws IOException, InterruptedException {
        try (ImportPipeline storing =
                new ImportPipeline(pending, batch.id(), contents, outcome -> stored(batch, outcome))) {
            ResultLine line = reader.next();
            for (; line != null && !stopping.getAsBoolean(); line = reader.next()) {
                OptionalInt ordinal = ledger.note(line);
                if (ordinal.isPresent() && line instanceof ResultLine.Embedded embedded) {
                    storing.add(ordinal.getAsInt(), embedded.vectors());
                }
            }
            storing.finish();
            return line == null;
        }
    }

    private void stored(BatchRecord batch, ImportOutcome outcome) {
        if (!outcome.incomplete().isEmpty()) {
            throw new IllegalStateException(
                    "batch %s: documents %s have not one vector a chunk".formatted(batch.id(), outcome.incomplete()));
        }
        listener.committed(batch.shard(), outcome.counters());
    }

    private BatchRecord end(BatchRecord batch, ImportLedger ledger, List<String> gone) {
        OptionalLong bill = bill(batch, ledger, gone);
        long billed = bill.orElse(batch.tokens());
        BatchRecord told = batch;
        if (isUntold(batch, ledger)) {
            String estimate =
                    "the provider does not tell what it bills: the %,d tokens that were counted here stand for it"
                            .formatted(billed);
            LOG.warn("batch {}: {}", batch.id(), estimate);
            told = batch.with(batch.atProvider().withError(Optional.of(estimate)));
        }
        ledger.remarks().ifPresent(remarks -> LOG.warn("batch {}: {}", batch.id(), remarks));
        if (!gone.isEmpty()) {
            LOG.warn(
                    "batch {}: its results ({}) were gone from the provider before they were stored: its documents are"
                            + " embedded again, and {} tokens are paid for nothing",
                    batch.id(),
                    String.join(", ", gone),
                    billed - ledger.billedTokens());
        }
        Map<Integer, String> failed = ledger.refused();
        Map<Integer, String> undone = new HashMap<>();
        if (purpose == Purpose.STORE) {
            undone.putAll(ledger.undone());
        }
        boolean othersCount = purpose == Purpose.STORE && !endedEarly(batch, ledger, gone);
        if (othersCount) {
            undone.putAll(ledger.notRun());
        }
        BatchRecord ended = told.in(BatchState.Imported);
        BatchRecord imported = bill.isPresent() ? ended.billed(billed) : ended.untold();
        listener.committed(
                batch.shard(),
                pending.imported(imported, new ImportEnd(failed, undone, otherwise(batch, gone), othersCount)));
        LOG.info(
                "batch {}: {} of {} documents stored, {} refused, {} tokens billed",
                batch.id(),
                ledger.embedded(),
                batch.documents(),
                failed.size(),
                billed);
        return imported;
    }

    /**
     * Whether the provider never came to what it brings no results for, which says nothing against those documents: it may go
     * on so for days. Results that are lost are another matter, since they are paid for each time.
     */
    private static boolean endedEarly(BatchRecord batch, ImportLedger ledger, List<String> gone) {
        boolean lost = !gone.isEmpty()
                || ledger.hasGarbage()
                || batch.atProvider().outputFileId().isEmpty()
                        && batch.billedTokens().orElse(0) > 0;
        return !lost
                && switch (status(batch)) {
                    case EXPIRED, CANCELLED -> true;
                    case COMPLETED, FAILED -> isNothing(batch, ledger, gone);
                    case VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING, UNKNOWN -> false;
                };
    }

    /** Whether the provider calls a batch done, or failed, of which nothing is told, nothing is lost and nothing is billed. */
    private static boolean isNothing(BatchRecord batch, ImportLedger ledger, List<String> gone) {
        boolean free =
                gone.isEmpty() && ledger.isEmpty() && batch.billedTokens().orElse(0) == 0;
        return free
                && switch (status(batch)) {
                    case COMPLETED, FAILED -> true;
                    case EXPIRED, CANCELLED, VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING, UNKNOWN -> false;
                };
    }

    private static ProviderBatch.Status status(BatchRecord batch) {
        return batch.atProvider().providerStatus().map(ProviderBatch.Status::of).orElse(ProviderBatch.Status.UNKNOWN);
    }

    /**
     * Never less than what was billed: what the provider says, or its lines where those are all there and tell it; empty where the
     * tokens that were counted here have to stand for it.
     */
    private static OptionalLong bill(BatchRecord batch, ImportLedger ledger, List<String> gone) {
        boolean untold = isUntold(batch, ledger);
        if (!untold && batch.billedTokens().isPresent()) {
            return OptionalLong.of(Math.max(batch.billedTokens().getAsLong(), ledger.billedTokens()));
        }
        boolean linesTell = !untold && gone.isEmpty() && !ledger.hasGarbage();
        return linesTell || ledger.billedTokens() > batch.tokens()
                ? OptionalLong.of(ledger.billedTokens())
                : OptionalLong.empty();
    }

    /** Whether vectors came whose price the provider did not tell: a bill of nothing for work that was done is none. */
    private static boolean isUntold(BatchRecord batch, ImportLedger ledger) {
        return ledger.hasUntoldBills() && batch.billedTokens().orElse(0) == 0;
    }

    private static String otherwise(BatchRecord batch, List<String> gone) {
        if (!gone.isEmpty()) {
            return "the results of its batch were gone from the provider before they were stored";
        }
        return "its batch ended with the status \"%s\" and without a result for it"
                .formatted(batch.atProvider().providerStatus().orElse("unknown"));
    }
}
