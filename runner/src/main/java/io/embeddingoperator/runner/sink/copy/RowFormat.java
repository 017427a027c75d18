package io.embeddingoperator.runner.sink.copy;

import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.pipeline.EmbeddedChunk;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.postgres.BinaryCopy;
import io.embeddingoperator.runner.postgres.TimeField;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;

/** Writes the rows of a document, their fields in the order of the table's columns. */
public final class RowFormat {
    private final EmbeddingTable table;

    public RowFormat(EmbeddingTable table) {
        this.table = table;
    }

    /** Writes one row a chunk. */
    public void write(BinaryCopy copy, EmbeddedDocument embedded, Instant embeddedAt) throws SQLException {
        Document document = embedded.document();
        byte[] hash = embedded.hash().toBytes();
        long time = TimeField.microseconds(embeddedAt);
        for (EmbeddedChunk embeddedChunk : embedded.chunks()) {
            Chunk chunk = embeddedChunk.chunk();
            copy.row(table.width());
            key(copy, document.key());
            copy.int4(chunk.index());
            copy.text(chunk.content(document.text()));
            vector(copy, embeddedChunk.vector());
            for (int i = 0; i < table.metadata().size(); i++) {
                MetadataField.write(
                        copy,
                        table.metadata().get(i).type(),
                        document.metadata().get(i));
            }
            copy.int4(chunk.start());
            copy.int4(chunk.end());
            copy.bytes(hash);
            copy.int8(time);
            if (table.owner().isPresent()) {
                copy.int4(table.owner().get().id());
            }
        }
    }

    private void key(BinaryCopy copy, Key key) {
        switch (key) {
            case Key.Number(long value) when table.keyType() == KeyType.INTEGER -> copy.int4(Math.toIntExact(value));
            case Key.Number(long value) -> copy.int8(value);
            case Key.Text(String value) -> copy.text(value);
            case Key.Uuid(UUID value) -> copy.uuid(value);
        }
    }

    private void vector(BinaryCopy copy, float[] vector) {
        switch (table.vectorType()) {
            case VectorType.Vector -> copy.vector(vector);
            case VectorType.HalfVector -> copy.halfVector(vector);
        }
    }
}
