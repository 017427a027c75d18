package io.embeddingoperator.runner.progress;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.document.FailedDocument;
import java.util.List;
import java.util.function.Supplier;

/** The first few documents that failed, short enough to be told with every progress. */
public final class FailureSample {
    public static final int DOCUMENTS = 5;

    private static final int CHARACTERS = 200;

    private final Supplier<List<FailedDocument>> stored;
    private volatile List<Progress.FailedDocument> sample = List.of();
    private long counted;

    /** @param stored reads the first {@link #DOCUMENTS} that failed */
    public FailureSample(Supplier<List<FailedDocument>> stored) {
        this.stored = stored;
    }

    /** Reads anew only when that can change something: once some have failed, more of them are no news. */
    synchronized void counted(long failed) {
        boolean takenBack = failed < counted;
        if (takenBack || failed > counted && sample.size() < DOCUMENTS) {
            sample = stored.get().stream().map(FailureSample::told).toList();
        }
        counted = failed;
    }

    List<Progress.FailedDocument> documents() {
        return sample;
    }

    /** A document whose key cannot be read is known by its place. */
    private static Progress.FailedDocument told(FailedDocument failed) {
        return new Progress.FailedDocument(
                shortened(failed.key().orElse(failed.location())), shortened(failed.reason()));
    }

    private static String shortened(String text) {
        return text.codePointCount(0, text.length()) <= CHARACTERS
                ? text
                : text.substring(0, text.offsetByCodePoints(0, CHARACTERS - 1)) + "…";
    }
}
