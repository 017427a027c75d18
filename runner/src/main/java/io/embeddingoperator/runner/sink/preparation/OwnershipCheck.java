package io.embeddingoperator.runner.sink.preparation;

import io.embeddingoperator.api.v1alpha1.TableOwnership;
import io.embeddingoperator.runner.sink.state.TableOwners.Claim;
import io.embeddingoperator.runner.sink.state.TableOwners.Owner;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whether a job may have a table.
 *
 * @param job namespace/name
 * @param wanted what its manifest says
 * @param owners of the table that are recorded
 * @param writers jobs that wrote to it before owners were recorded
 * @param rows that the table holds; empty where there is no table
 */
record OwnershipCheck(
        String job,
        String table,
        TableOwnership wanted,
        List<Owner> owners,
        List<String> writers,
        Optional<Rows> rows) {
    private static final String SHARE =
            "set spec.sink.pgvector.ownership to Share in this job and in theirs to write beside each other";
    private static final String ADOPT =
            "or to Adopt in this one to take the table over with all its rows, or name another table";

    OwnershipCheck {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(wanted, "wanted");
        owners = List.copyOf(owners);
        writers = List.copyOf(writers);
        Objects.requireNonNull(rows, "rows");
    }

    /**
     * Rows of a table, counted up to {@link #MOST}.
     *
     * @param counted at most one more than that
     */
    record Rows(int counted) {
        static final int MOST = 1_000;

        @Override
        public String toString() {
            return counted > MOST ? "more than %,d rows".formatted(MOST) : "%,d rows".formatted(counted);
        }
    }

    /** What speaks against it, as a clause of a sentence that says what to do; empty where nothing does. */
    Optional<String> refusal() {
        if (rows.isEmpty() || wanted == TableOwnership.Adopt) {
            return Optional.empty();
        }
        if (!others().isEmpty()) {
            return wanted == TableOwnership.Share && othersShare()
                    ? Optional.empty()
                    : Optional.of(recordedForOthers());
        }
        boolean foreign = !isRecorded() && rows.get().counted() > 0 && !writers.equals(List.of(job));
        return foreign && wanted == TableOwnership.Own ? Optional.of(filledByOthers()) : Optional.empty();
    }

    /** On what ground the job has the table; only without a {@link #refusal}. */
    Claim claim() {
        if (rows.isEmpty()) {
            return Claim.CREATE;
        }
        return wanted == TableOwnership.Adopt && !hasAdopted() ? Claim.ADOPT : Claim.JOIN;
    }

    private boolean isRecorded() {
        return owners.stream().anyMatch(owner -> owner.job().equals(job));
    }

    /** A manifest that goes on saying Adopt adopts once: rows that others add afterwards are theirs. */
    private boolean hasAdopted() {
        return owners.equals(List.of(new Owner(job, TableOwnership.Adopt)));
    }

    private List<Owner> others() {
        return owners.stream().filter(owner -> !owner.job().equals(job)).toList();
    }

    private boolean othersShare() {
        return others().stream().allMatch(owner -> owner.ownership() == TableOwnership.Share);
    }

    private String recordedForOthers() {
        return "spec.sink.pgvector.table is %s, which holds %s and is %s %s: %s, %s"
                .formatted(
                        table,
                        rows.orElseThrow(),
                        othersShare() ? "shared by" : "owned by",
                        others().stream().map(Owner::job).collect(Collectors.joining(", ")),
                        SHARE,
                        ADOPT);
    }

    private String filledByOthers() {
        return "spec.sink.pgvector.table is %s, which holds %s %s: set spec.sink.pgvector.ownership to Share to leave them alone"
                        .formatted(
                                table,
                                rows.orElseThrow(),
                                writers.isEmpty()
                                        ? "that no recorded run wrote"
                                        : "and was written by %s".formatted(String.join(", ", writers)))
                + " and write beside them, or to Adopt to make them this job's, or name another table";
    }
}
