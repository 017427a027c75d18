package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.pipeline.DirectEmbedding;
import io.embeddingoperator.runner.pipeline.OpenDocuments;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Stops a job whose batches bring nothing, before their documents are blamed for it and the next batch is paid for as well. What
 * a batch left at the provider stays there for a person to look at. One thread works on it.
 */
final class ResultCheck {
    /** Results of no use, one after the other, that are no accident any more: as many as replies to requests. */
    private static final int USELESS_RESULTS = 3;

    /** Batches one after the other that end without a vector and without a bill: a second one is no accident any more. */
    private static final int EMPTY_BATCHES = 2;

    private final PendingDocuments pending;
    private final DirectEmbedding requests;
    private final int dimensions;
    private boolean proved;
    private int useless;
    private int empty;

    ResultCheck(PendingDocuments pending, DirectEmbedding requests, int dimensions) {
        this.pending = pending;
        this.requests = requests;
        this.dimensions = dimensions;
    }

    /** @throws SpecificationException when another batch would go the same way */
    void check(BatchRecord batch, ImportLedger ledger) throws InterruptedException {
        boolean mostlyUseless = ledger.useless() >= USELESS_RESULTS && ledger.useless() > ledger.usable();
        if (ledger.usable() > 0 && !mostlyUseless) {
            proved = true;
            useless = 0;
            empty = 0;
            return;
        }
        if (!proved) {
            ledger.wrongDimensions(dimensions).ifPresent(sentence -> {
                throw new SpecificationException(sentence);
            });
        }
        useless += ledger.useless();
        if (ledger.useless() > 0 && useless >= USELESS_RESULTS) {
            throw new SpecificationException(
                    "the provider bills the batch %s, and %s of its results can be used: %s: %s"
                            .formatted(
                                    batch.id(),
                                    ledger.usable() == 0 ? "none" : "only %,d".formatted(ledger.usable()),
                                    ledger.firstUseless(dimensions),
                                    kept(batch)));
        }
        OptionalInt refused = ledger.firstRefused();
        OptionalInt undone = ledger.firstUndone();
        if (refused.isPresent()) {
            tryByRequest(batch, ledger, refused.getAsInt());
        } else if (!proved && undone.isPresent()) {
            empty++;
            if (empty >= EMPTY_BATCHES) {
                tryByRequest(batch, ledger, undone.getAsInt());
            }
        }
    }

    /**
     * A batch has ended without a result, without a reason and without a bill: its documents wait for another one.
     *
     * @throws SpecificationException when the one before has ended so as well: nothing is paid, but days pass with each
     */
    void nothing(BatchRecord batch) {
        empty++;
        if (empty >= EMPTY_BATCHES) {
            throw new SpecificationException(
                    ("the provider ended the batch %s as \"%s\" without a result, a reason and a bill, as it did with the one"
                                    + " before: ask it for the reason, or set spec.embedder.openai.mode to Realtime")
                            .formatted(
                                    batch.id(),
                                    batch.atProvider().providerStatus().orElse("?")));
        }
    }

    /** Returns where a request fails as well, which is then the document's own fault. */
    private void tryByRequest(BatchRecord batch, ImportLedger ledger, int ordinal) throws InterruptedException {
        Optional<WaitingDocument> document = pending.document(batch.id(), ordinal);
        if (document.isEmpty()) {
            return;
        }
        OpenDocuments outcome = requests.embed(List.of(document.get()));
        outcome.ending().ifPresent(reason -> {
            throw reason;
        });
        if (!outcome.embedded().isEmpty()) {
            throw new SpecificationException(
                    ("the batch %s brought nothing but failures (%s), though a request embeds the same document: see to what"
                                    + " the provider's batches take, or set spec.embedder.openai.mode to Realtime: %s")
                            .formatted(batch.id(), ledger.reason(ordinal), kept(batch)));
        }
    }

    private static String kept(BatchRecord batch) {
        return "nothing more is handed in, and %s stay at the provider to be looked at, until embedding-runner cancel gives the documents back"
                .formatted(Stream.of(
                                batch.atProvider().inputFileId(),
                                batch.atProvider().outputFileId(),
                                batch.atProvider().errorFileId())
                        .flatMap(Optional::stream)
                        .collect(Collectors.joining(", ", "its files ", "")));
    }
}
