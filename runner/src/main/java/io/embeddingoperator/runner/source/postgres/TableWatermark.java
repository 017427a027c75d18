package io.embeddingoperator.runner.source.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.runner.source.Watermark;
import java.util.Objects;
import java.util.Optional;

/**
 * From where a later run reads a table on.
 *
 * @param server in its present life: a standby that took over, a backup that was restored or a crash may have taken commits back
 *     that a run has read, and nothing in the rows tells
 * @param table its columns, partitions and files: rows come and go with these, and their values change, without a change of the rows
 * @param since the least value that the column of changes has in rows that were not committed by then
 */
record TableWatermark(String server, String table, String since) {
    private static final JsonMapper JSON = new JsonMapper();

    TableWatermark {
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(since, "since");
    }

    static TableWatermark parse(Watermark watermark) {
        try {
            return JSON.readValue(watermark.value(), TableWatermark.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no watermark of a table: " + watermark, e);
        }
    }

    Watermark watermark() {
        try {
            return new Watermark(JSON.writeValueAsString(this));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Why rows that are not committed by then are not all that changed, as a clause; empty where they are. */
    Optional<String> breach(TableMoment now) {
        if (!server.equals(now.server())) {
            return Optional.of("the server was restarted or replaced since the last complete run");
        }
        return table.equals(now.table())
                ? Optional.empty()
                : Optional.of("the table was altered, truncated or rewritten since the last complete run");
    }
}
