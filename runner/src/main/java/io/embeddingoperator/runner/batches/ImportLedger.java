package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.batch.CustomId;
import io.embeddingoperator.runner.embed.openai.batch.ResultLine;
import io.embeddingoperator.runner.embed.openai.reply.ReplyFlaw;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of a batch's results while its files are read: what each document got, however often and in which order its
 * lines come, and what was billed. Its size depends on the number of documents alone.
 */
final class ImportLedger {
    /** A provider's message is kept up to here. */
    private static final int REASON_CHARACTERS = 1_000;

    private enum Outcome {
        NONE,
        EMBEDDED,
        REFUSED,
        UNDONE,
        NOT_RUN
    }

    private final String batch;
    private final int[] expected;
    private final Outcome[] outcomes;
    private final String[] reasons;
    private final int[] vectorHashes;
    private final BitSet billed;
    private long billedTokens;
    private int embedded;
    private int repeated;
    private int contradictory;
    private int foreign;
    private int garbage;
    private Optional<String> firstGarbage = Optional.empty();
    private int unusable;
    private Optional<ReplyFlaw> firstFlaw = Optional.empty();
    private int untoldBills;
    private OptionalInt firstRefused = OptionalInt.empty();
    private Optional<String> refusedDimensions = Optional.empty();
    private OptionalLong otherDimensions = OptionalLong.empty();

    /** @param expected vectors by ordinal; 0 for documents that wait no longer */
    ImportLedger(String batch, int[] expected) {
        this.batch = batch;
        this.expected = expected;
        this.outcomes = new Outcome[expected.length];
        Arrays.fill(outcomes, Outcome.NONE);
        this.reasons = new String[expected.length];
        this.vectorHashes = new int[expected.length];
        this.billed = new BitSet(expected.length);
    }

    /** How many vectors the line of this id must have; 0 where it is of no use. */
    int expected(String customId) {
        OptionalInt ordinal = ordinal(customId);
        return ordinal.isPresent() ? expected[ordinal.getAsInt()] : 0;
    }

    /** The document that a line brings vectors for which are to be stored; empty for every other line. */
    OptionalInt note(ResultLine line) {
        switch (line) {
            case ResultLine.Embedded one -> {
                return embedded(one);
            }
            case ResultLine.Refused one -> {
                refusedDimensions = one.forItsDimensions() ? Optional.of(one.sentence()) : refusedDimensions;
                if (firstRefused.isEmpty() && one.wouldBeAgain()) {
                    firstRefused = ordinal(one.customId());
                }
                unsuccessful(one.customId(), one.forItsContent() ? Outcome.REFUSED : Outcome.UNDONE, one.sentence());
            }
            case ResultLine.NotRun one -> unsuccessful(one.customId(), Outcome.NOT_RUN, one.sentence());
            case ResultLine.Unusable one -> {
                bill(one.customId(), one.tokens());
                unusable++;
                firstFlaw = firstFlaw.or(() -> Optional.of(one.flaw()));
                if (one.flaw() instanceof ReplyFlaw.OtherDimensions other) {
                    otherDimensions = OptionalLong.of(other.numbers());
                }
                unsuccessful(one.customId(), Outcome.UNDONE, "the provider's reply cannot be used: " + one.why());
            }
            case ResultLine.PassedOver one -> {
                bill(one.customId(), one.tokens());
                foreign += ordinal(one.customId()).isPresent() ? 0 : 1;
            }
            case ResultLine.Garbage one -> {
                garbage++;
                firstGarbage = firstGarbage.or(() -> Optional.of(one.why()));
            }
        }
        return OptionalInt.empty();
    }

    private OptionalInt embedded(ResultLine.Embedded line) {
        int ordinal = ordinal(line.customId()).orElseThrow();
        bill(line.customId(), line.tokens());
        int hash = Arrays.deepHashCode(line.vectors());
        if (outcomes[ordinal] == Outcome.EMBEDDED) {
            repeated++;
            contradictory += vectorHashes[ordinal] == hash ? 0 : 1;
            return OptionalInt.empty();
        }
        outcomes[ordinal] = Outcome.EMBEDDED;
        vectorHashes[ordinal] = hash;
        reasons[ordinal] = null;
        embedded++;
        return OptionalInt.of(ordinal);
    }

    /** Vectors count, also where a reason is told as well; of two reasons the final one does. */
    private void unsuccessful(String customId, Outcome outcome, String reason) {
        OptionalInt place = ordinal(customId);
        if (place.isEmpty()) {
            foreign++;
            return;
        }
        int ordinal = place.getAsInt();
        if (outcomes[ordinal] != Outcome.NONE) {
            repeated++;
        }
        boolean settled = outcomes[ordinal] == Outcome.EMBEDDED || outcomes[ordinal] == Outcome.REFUSED;
        if (expected[ordinal] == 0 || settled) {
            return;
        }
        outcomes[ordinal] = outcome;
        reasons[ordinal] = shortened(reason);
    }

    /** A line that comes twice was worked on once. */
    private void bill(String customId, long tokens) {
        OptionalInt ordinal = ordinal(customId);
        untoldBills += ordinal.isPresent() && tokens == 0 ? 1 : 0;
        if (ordinal.isPresent() && tokens > 0 && !billed.get(ordinal.getAsInt())) {
            billed.set(ordinal.getAsInt());
            billedTokens += tokens;
        }
    }

    private OptionalInt ordinal(String customId) {
        OptionalInt ordinal = CustomId.ordinal(batch, customId);
        return ordinal.isPresent() && ordinal.getAsInt() < expected.length ? ordinal : OptionalInt.empty();
    }

    private static String shortened(String reason) {
        return reason.codePointCount(0, reason.length()) <= REASON_CHARACTERS
                ? reason
                : reason.substring(0, reason.offsetByCodePoints(0, REASON_CHARACTERS - 1)) + "…";
    }

    /** Tokens that the lines of this batch were billed with. */
    long billedTokens() {
        return billedTokens;
    }

    /** Documents that got vectors in this pass. */
    int embedded() {
        return embedded;
    }

    /** Documents that got vectors, now or before. */
    int usable() {
        return embedded
                + (int) Arrays.stream(expected).filter(vectors -> vectors == 0).count();
    }

    /** Whether there was no line at all, of any kind. */
    boolean isEmpty() {
        return !hasGarbage() && foreign == 0 && Arrays.stream(outcomes).allMatch(outcome -> outcome == Outcome.NONE);
    }

    /** Lines that were worked on, and bring nothing that can be used. */
    int useless() {
        return unusable + garbage;
    }

    /** What is wrong with the first of them, and what to do. */
    String firstUseless(int dimensions) {
        return firstFlaw
                .map(flaw -> "%s: %s".formatted(flaw.sentence(), flaw.remedy(dimensions)))
                .orElseGet(() ->
                        "a line cannot be read (%s): ask the provider for the reason, or set spec.embedder.openai.mode to Realtime"
                                .formatted(firstGarbage.orElseThrow()));
    }

    /** The first document whose request was refused, and would be again. */
    OptionalInt firstRefused() {
        return firstRefused;
    }

    /** The first document that was worked on and must be done again. */
    OptionalInt firstUndone() {
        return IntStream.range(0, outcomes.length)
                .filter(ordinal -> outcomes[ordinal] == Outcome.UNDONE)
                .findFirst();
    }

    /** Why a document has no vectors, or null. */
    @Nullable
    String reason(int ordinal) {
        return reasons[ordinal];
    }

    /** Whether lines bring vectors, and do not tell what they cost. */
    boolean hasUntoldBills() {
        return untoldBills > 0;
    }

    /** Whether lines could not be read, which may have been billed. */
    boolean hasGarbage() {
        return garbage > 0;
    }

    /** Whether some documents have no line, as where a file ends too early. */
    boolean hasGaps() {
        for (int i = 0; i < outcomes.length; i++) {
            if (outcomes[i] == Outcome.NONE && expected[i] > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * What shows that the length of vectors in the manifest is not the model's; empty where a single document got vectors, now
     * or before.
     *
     * @param dimensions that were asked for
     */
    Optional<String> wrongDimensions(int dimensions) {
        if (usable() > 0) {
            return Optional.empty();
        }
        if (refusedDimensions.isPresent()) {
            return Optional.of("%s: check spec.embedder.openai.dimensions (%d) and spec.embedder.openai.model"
                    .formatted(refusedDimensions.get(), dimensions));
        }
        return otherDimensions.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "the provider's batches give vectors of %d numbers, and spec.embedder.openai.dimensions is %d: set it to what the model has"
                                .formatted(otherDimensions.getAsLong(), dimensions));
    }

    /** Why documents are refused for their own content, by their ordinal, as are the following. */
    Map<Integer, String> refused() {
        return reasons(Outcome.REFUSED);
    }

    /** Why documents that were worked on must be done again; of those without any line nothing is known. */
    Map<Integer, String> undone() {
        return reasons(Outcome.UNDONE);
    }

    /** Why documents were not worked on, as their line says. */
    Map<Integer, String> notRun() {
        return reasons(Outcome.NOT_RUN);
    }

    /** What a person should know of the files; empty where they are as they should be. */
    Optional<String> remarks() {
        StringBuilder remarks = new StringBuilder();
        remark(remarks, repeated, "lines repeat a document");
        remark(remarks, contradictory, "of them with other vectors: the first ones are kept");
        remark(remarks, foreign, "lines belong to no document of the batch");
        remark(remarks, garbage, "lines cannot be read (the first: %s)".formatted(firstGarbage.orElse("")));
        return remarks.isEmpty() ? Optional.empty() : Optional.of(remarks.toString());
    }

    private static void remark(StringBuilder remarks, int count, String what) {
        if (count > 0) {
            remarks.append(remarks.isEmpty() ? "" : "; ")
                    .append(count)
                    .append(' ')
                    .append(what);
        }
    }

    private Map<Integer, String> reasons(Outcome outcome) {
        return IntStream.range(0, outcomes.length)
                .filter(ordinal -> outcomes[ordinal] == outcome)
                .boxed()
                .collect(Collectors.toMap(ordinal -> ordinal, ordinal -> reasons[ordinal]));
    }
}
