package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.FileMetadata;
import io.embeddingoperator.runner.document.FailedDocument;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;

/** Rows whose values are too large, in whichever columns they stand. */
class ParquetRecordsTest {
    private static final MessageType SCHEMA = MessageTypeParser.parseMessageType("""
            message row {
              required int64 id;
              optional binary title (STRING);
              optional binary body (STRING);
              optional binary tag (STRING);
              optional binary amount (DECIMAL(9, 2));
            }
            """);
    private static final DocumentFields FIELDS = new DocumentFields(
            "spec.source.volume",
            "id",
            List.of("title", "body"),
            List.of(FileMetadata.named("tag"), FileMetadata.named("amount")));

    private final ParquetRecords records = new ParquetRecords(ParquetColumns.of("a.parquet", FIELDS, SCHEMA));

    @Test
    void theColumnsOfARowAreTooLargeTogether() {
        // given
        StoredBytes large = bytes(6 * 1024 * 1024);

        // when
        FileRecord record = records.read(new Object[] {7L, large, large, large, null}, "a.parquet row 0");

        // then
        assertThat(record)
                .isEqualTo(failed("text and metadata are 18,874,368 bytes long, and 16,777,216 are the most:"
                        + " split the document"));
    }

    @Test
    void aNumberHasNoMoreDigitsThanPostgresqlTakes() {
        // given
        StoredBytes number = bytes(64 * 1024 + 1);

        // when
        FileRecord record = records.read(new Object[] {7L, bytes(1), null, null, number}, "a.parquet row 0");

        // then
        assertThat(record)
                .isEqualTo(failed("column amount is a number of 65,537 bytes, and 65,536 are the most: correct it"));
    }

    private static FileRecord failed(String reason) {
        return new FileRecord.Unreadable(new FailedDocument(Optional.of("7"), "a.parquet row 0", reason));
    }

    private static StoredBytes bytes(int count) {
        return new StoredBytes(Binary.fromConstantByteArray("x".repeat(count).getBytes(StandardCharsets.UTF_8)));
    }
}
