package io.embeddingoperator.runner.sink;

import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.sink.batch.BatchCapacity;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.pending.ImportEnd;
import io.embeddingoperator.runner.source.KeyRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Documents that wait for their vectors, and what the provider answers for them. */
final class TestingPending {
    static final int LINE_BYTES = 100;
    static final BatchCapacity PLENTY = new BatchCapacity(50_000, 1_000_000, 200_000_000);
    static final ImportEnd NOTHING_LEFT = new ImportEnd(Map.of(), Map.of(), "the provider gave no result", true);

    private TestingPending() {}

    /** A document of chunks of 4 chars, 3 tokens each. */
    static WaitingDocument waiting(Document document) {
        List<Chunk> chunks = new ArrayList<>();
        for (int start = 0; start < document.text().length(); start += 4) {
            int end = Math.min(start + 4, document.text().length());
            chunks.add(new Chunk(chunks.size(), start, end, 3, false, false));
        }
        return new WaitingDocument(document, DocumentHash.of("recipe", document.text()), chunks, LINE_BYTES, false);
    }

    static WaitingDocument waiting(long key, String text) {
        return waiting(TestingDocuments.document(new Key.Number(key), text));
    }

    static WaitingDocument oversize(long key, String text) {
        return waiting(key, text).inLine(LINE_BYTES, true);
    }

    /** Documents with a text of one chunk. */
    static WaitingDocument[] numbered(long from, long through) {
        return LongStream.rangeClosed(from, through)
                .mapToObj(key -> waiting(key, Long.toString(1000 + key)))
                .toArray(WaitingDocument[]::new);
    }

    static Window<WaitingDocument> window(String end, WaitingDocument... documents) {
        return window(end, Optional.empty(), List.of(), documents);
    }

    static Window<WaitingDocument> window(
            String end, Optional<KeyRange> covered, List<FailedDocument> failed, WaitingDocument... documents) {
        return new Window<>(
                TestingDocuments.source(
                        end,
                        covered,
                        Arrays.stream(documents).map(WaitingDocument::document).toList()),
                List.of(documents),
                List.of(),
                failed);
    }

    /** What the provider makes of a document: a vector a chunk that tells which chunk it is. */
    static float[][] vectors(int ordinal, int chunks) {
        return IntStream.range(0, chunks)
                .mapToObj(chunk -> new float[] {ordinal, chunk, 1})
                .toArray(float[][]::new);
    }

    /** The same of the first documents of a batch, by ordinal, where each has one chunk. */
    static Map<Integer, float[][]> results(int documents) {
        return IntStream.range(0, documents)
                .boxed()
                .collect(Collectors.toMap(ordinal -> ordinal, ordinal -> vectors(ordinal, 1)));
    }

    /** A batch with all that waits, handed to the provider. */
    static BatchRecord submitted(PendingDocuments pending) {
        BatchRecord batch = pending.assign(PLENTY).orElseThrow();
        for (BatchState state : List.of(BatchState.Uploading, BatchState.Uploaded, BatchState.Creating)) {
            batch = pending.advance(batch.in(state));
        }
        return pending.advance(batch.in(BatchState.Submitted)
                .with(batch.atProvider().withProviderBatch(Optional.of("provider-" + batch.id()))));
    }

    /** Ends a batch whose results are imported. */
    static void end(PendingDocuments pending, BatchRecord batch) {
        pending.imported(batch.in(BatchState.Imported).billed(batch.tokens()), NOTHING_LEFT);
        pending.advance(batch.in(BatchState.Done).billed(batch.tokens()));
    }
}
