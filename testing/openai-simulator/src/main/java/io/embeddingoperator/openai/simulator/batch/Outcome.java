package io.embeddingoperator.openai.simulator.batch;

import io.embeddingoperator.openai.simulator.batch.LineIndex.Lines;
import io.embeddingoperator.openai.simulator.batch.OutputEntry.Kind;
import io.embeddingoperator.openai.simulator.fault.BatchFault;
import io.embeddingoperator.openai.simulator.fault.BatchFault.SpoiledOutput.How;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What has become of the lines of a batch that has ended.
 *
 * @param output lines of the output file, in no particular order
 * @param errors lines of the error file
 * @param executed lines that produced vectors and are billed
 * @param delivered of these, the ones whose vectors stand in the output file, whole and under their own custom_id
 */
record Outcome(
        List<OutputEntry> output,
        List<OutputEntry> errors,
        int completed,
        int failed,
        BitSet executed,
        BitSet delivered) {
    private static final int DUPLICATED = 3;
    private static final int MISSING = 5;

    /** All lines in the order of the requests, for a provider that has one file of them. */
    List<OutputEntry> inOrder() {
        return Stream.concat(output.stream(), errors.stream())
                .sorted(Comparator.comparingInt(OutputEntry::line))
                .toList();
    }

    /**
     * @param done how many lines were reached before the end
     * @param rest what has become of the others
     */
    static Outcome of(Lines lines, int total, int done, Kind rest, List<BatchFault> faults, long seed) {
        Builder builder = new Builder(faults);
        int[] order = shuffled(total, seed);
        for (int place = 0; place < total; place++) {
            builder.add(order[place], place < done ? result(lines.line(order[place]), place, faults) : rest);
        }
        return builder.build();
    }

    private static Kind result(BatchLine line, int place, List<BatchFault> faults) {
        if (line.error().isPresent()) {
            return Kind.REFUSED;
        }
        for (BatchFault fault : faults) {
            switch (fault) {
                case BatchFault.LinesFail fails
                when place % fails.every() == 0 -> {
                    return Kind.FAILED;
                }
                case BatchFault.LinesTimeOut late
                when place % late.every() == 0 -> {
                    return Kind.TIMED_OUT;
                }
                case BatchFault.SpoiledLines spoiled
                when place % spoiled.every() == 0 -> {
                    return Kind.SPOILED_VECTORS;
                }
                default -> {
                    // Of the batch as a whole, or not this line's.
                }
            }
        }
        return Kind.VECTORS;
    }

    private static int[] shuffled(int total, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] order = new int[total];
        for (int place = 0; place < total; place++) {
            int other = random.nextInt(place + 1);
            order[place] = order[other];
            order[other] = place;
        }
        return order;
    }

    private static final class Builder {
        private final List<OutputEntry> output = new ArrayList<>();
        private final List<OutputEntry> errors = new ArrayList<>();
        private final BitSet executed = new BitSet();
        private final BitSet delivered = new BitSet();
        private final List<How> spoils;
        private final boolean harmless;
        private final boolean nowhere;
        private int completed;
        private int failed;

        Builder(List<BatchFault> faults) {
            spoils = faults.stream()
                    .filter(BatchFault.SpoiledOutput.class::isInstance)
                    .map(fault -> ((BatchFault.SpoiledOutput) fault).how())
                    .toList();
            harmless = faults.stream()
                    .filter(BatchFault.SpoiledLines.class::isInstance)
                    .allMatch(fault -> ((BatchFault.SpoiledLines) fault).how().harmless());
            nowhere = spoils.contains(How.GONE)
                    || spoils.contains(How.NO_CUSTOM_IDS)
                    || faults.stream().anyMatch(BatchFault.NullOutput.class::isInstance);
        }

        void add(int line, Kind kind) {
            switch (kind) {
                case VECTORS, SPOILED_VECTORS -> {
                    executed.set(line);
                    completed++;
                    addVectors(line, kind);
                }
                case REFUSED, FAILED, TIMED_OUT, EXPIRED, CANCELLED -> {
                    failed++;
                    errors.add(new OutputEntry(line, kind));
                }
                case OTHER_VECTORS, FOREIGN, GARBAGE, BLANK ->
                    throw new IllegalArgumentException(kind + " is no result of a line");
            }
        }

        private void addVectors(int line, Kind kind) {
            boolean third = completed % DUPLICATED == 0;
            if (spoils.contains(How.MISSING_LINES) && completed % MISSING == 0) {
                return;
            }
            if (kind == Kind.VECTORS || harmless) {
                delivered.set(line);
            }
            output.add(new OutputEntry(line, kind));
            if (third && spoils.contains(How.DUPLICATES)) {
                output.add(new OutputEntry(line, kind));
            }
            if (third && spoils.contains(How.CONFLICTING_DUPLICATES)) {
                output.add(new OutputEntry(line, Kind.OTHER_VECTORS));
            }
            if (third && spoils.contains(How.FOREIGN_LINES)) {
                output.add(new OutputEntry(line, Kind.FOREIGN));
            }
            if (third && spoils.contains(How.BLANK_LINES)) {
                output.add(new OutputEntry(line, Kind.BLANK));
            }
            if (third && spoils.contains(How.IN_BOTH_FILES)) {
                errors.add(new OutputEntry(line, Kind.FAILED));
            }
            if (completed == 1 && spoils.contains(How.GARBAGE_LINE)) {
                output.add(new OutputEntry(line, Kind.GARBAGE));
            }
        }

        Outcome build() {
            if (spoils.contains(How.TRUNCATED_IN_LINE) && !output.isEmpty()) {
                // The last line that is left will be cut in its middle.
                int left = Math.max(1, output.size() / 2);
                output.subList(left - 1, output.size()).forEach(entry -> delivered.clear(entry.line()));
                output.subList(left, output.size()).clear();
            }
            if (nowhere) {
                delivered.clear();
            }
            return new Outcome(List.copyOf(output), List.copyOf(errors), completed, failed, executed, delivered);
        }
    }
}
