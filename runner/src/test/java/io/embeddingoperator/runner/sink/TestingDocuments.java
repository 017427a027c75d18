package io.embeddingoperator.runner.sink;

import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.pipeline.EmbeddedChunk;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.source.KeyRange;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.SourceWindow;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.LongStream;

/** Documents and windows as the stages before the sink make them. */
final class TestingDocuments {
    static final int DIMENSIONS = 3;

    /** Metadata, in the order of ColumnType. */
    static final List<Object> A_VALUE_OF_EVERY_TYPE = List.of(
            true,
            (short) -3,
            42,
            1L << 40,
            1.5f,
            -2.25,
            new BigDecimal("-12345678901234567890.000123400"),
            "naïve 𝄞",
            UUID.fromString("6f1c1f9e-3a55-4f5e-9d38-0c1f5e2b7a10"),
            LocalDate.of(1999, 12, 31),
            LocalDateTime.of(2024, 2, 29, 23, 59, 59, 123_456_000),
            Instant.parse("1969-07-20T20:17:40.5Z"),
            "{\"a\": [1, null]}");

    private TestingDocuments() {}

    static Document document(Key key, String text, Object... metadata) {
        return new Document(key, text, Arrays.asList(metadata), "articles id=" + key);
    }

    /**
     * A document whose chunks have the given contents, one after the other in its text, and vectors of 3 dimensions.
     */
    static EmbeddedDocument embedded(Document document, String... contents) {
        List<EmbeddedChunk> chunks = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < contents.length; i++) {
            Chunk chunk = new Chunk(i, start, start + contents[i].length(), 3, false, false);
            chunks.add(new EmbeddedChunk(chunk, new float[] {i + 1, 0.5f, -2}));
            start += contents[i].length();
        }
        return new EmbeddedDocument(document, DocumentHash.of("recipe", document.text()), chunks);
    }

    static EmbeddedDocument embedded(long key, String text) {
        return embedded(document(new Key.Number(key), text), text);
    }

    /** A window of documents that are all embedded. */
    static Window<EmbeddedDocument> window(String end, EmbeddedDocument... documents) {
        return new Window<>(
                source(
                        end,
                        Optional.empty(),
                        Arrays.stream(documents).map(EmbeddedDocument::document).toList()),
                List.of(documents),
                List.of(),
                List.of());
    }

    static Window<EmbeddedDocument> window(
            String end, KeyRange covered, List<FailedDocument> failed, EmbeddedDocument... documents) {
        return new Window<>(
                source(
                        end,
                        Optional.of(covered),
                        Arrays.stream(documents).map(EmbeddedDocument::document).toList()),
                List.of(documents),
                List.of(),
                failed);
    }

    static SourceWindow source(String end, Optional<KeyRange> covered, List<Document> documents) {
        return new SourceWindow(documents, List.of(), new Position(end), documents.size(), 0, covered);
    }

    static EmbeddedDocument[] numbered(long from, long through, String text) {
        return LongStream.rangeClosed(from, through)
                .mapToObj(key -> embedded(key, text + " " + key))
                .toArray(EmbeddedDocument[]::new);
    }

    static KeyRange range(long after, long through) {
        return new KeyRange(Optional.of(new Key.Number(after)), Optional.of(new Key.Number(through)));
    }
}
