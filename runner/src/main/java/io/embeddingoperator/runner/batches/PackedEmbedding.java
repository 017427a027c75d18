package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.pipeline.DirectEmbedding;
import io.embeddingoperator.runner.pipeline.PendingDocument;
import io.embeddingoperator.runner.sink.pending.PackedDocument;
import java.util.List;
import java.util.stream.IntStream;

/** Embeds documents that were written down for batches by requests. */
final class PackedEmbedding {
    private final DirectEmbedding direct;
    private final Embedder embedder;

    PackedEmbedding(DirectEmbedding direct, Embedder embedder) {
        this.direct = direct;
        this.embedder = embedder;
    }

    DirectEmbedding.Outcome embed(List<PackedDocument> documents) throws InterruptedException {
        return direct.embed(documents.stream().map(this::retokenized).toList());
    }

    private PendingDocument retokenized(PackedDocument document) {
        return new PendingDocument(
                document.document(),
                document.hash(),
                IntStream.range(0, document.chunks().size())
                        .mapToObj(i -> new Chunk(
                                i,
                                document.chunks().get(i).start(),
                                document.chunks().get(i).end(),
                                embedder.tokenizer().tokenize(document.content(i))))
                        .toList());
    }
}
