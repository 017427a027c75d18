package io.embeddingoperator.runner.sink.table;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The job that writes a table's rows, as its rows bear it in {@link EmbeddingTable#EMBEDDED_BY}, and which rows without that
 * mark are its own as well.
 *
 * @param id of the job's row in embedding_operator.table_owners; no other job and no other table has it
 * @param adoptedUntil rows that were embedded up to here are the job's, with any mark or none
 * @param unmarked when runners that knew no marks wrote rows of this job
 * @param shares whether other jobs may write to the table
 */
public record RowOwner(int id, Optional<Instant> adoptedUntil, Optional<Period> unmarked, boolean shares) {
    public RowOwner {
        Objects.requireNonNull(adoptedUntil, "adoptedUntil");
        Objects.requireNonNull(unmarked, "unmarked");
    }

    /** Both ends belong to it. */
    public record Period(Instant since, Instant until) {
        public Period {
            Objects.requireNonNull(since, "since");
            Objects.requireNonNull(until, "until");
        }
    }

    /**
     * SQL that is true for rows that the job may replace; it may be null for others.
     *
     * @param row what the statement calls the row
     */
    String mayReplace(String row) {
        return owns(row, unmarked);
    }

    /**
     * SQL that is true for rows that the job may remove although it has nothing to put in their place. Runners that knew no
     * marks let several jobs write to one table, so that in a table that is shared rows without a mark may be of any of them.
     */
    String mayRemove(String row) {
        return owns(row, shares ? Optional.empty() : unmarked);
    }

    private String owns(String row, Optional<Period> unmarkedRows) {
        List<String> ways = new ArrayList<>();
        ways.add("%s.%s = %d".formatted(row, EmbeddingTable.EMBEDDED_BY, id));
        adoptedUntil.ifPresent(
                until -> ways.add("%s.%s <= %s".formatted(row, EmbeddingTable.EMBEDDED_AT, literal(until))));
        unmarkedRows.ifPresent(period -> ways.add("%1$s.%2$s IS NULL AND %1$s.%3$s BETWEEN %4$s AND %5$s"
                .formatted(
                        row,
                        EmbeddingTable.EMBEDDED_BY,
                        EmbeddingTable.EMBEDDED_AT,
                        literal(period.since()),
                        literal(period.until()))));
        return "(%s)".formatted(String.join(" OR ", ways));
    }

    private static String literal(Instant moment) {
        return "timestamptz '%s'".formatted(moment);
    }
}
