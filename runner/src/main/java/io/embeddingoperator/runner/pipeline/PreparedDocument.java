package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.batch.WaitingChunk;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A document whose chunks are tokenized.
 *
 * @param texts of the chunks, in their order; none where the document is unchanged, or holds nothing for the tokenizer
 */
record PreparedDocument(Document document, DocumentHash hash, List<TokenizedText> texts) {
    PreparedDocument {
        Objects.requireNonNull(document, "document");
        Objects.requireNonNull(hash, "hash");
        texts = List.copyOf(texts);
    }

    /** The same document without its tokens, which go with the batches. */
    WaitingDocument waiting() {
        List<Chunk> chunks = new ArrayList<>(texts.size());
        for (TokenizedText text : texts) {
            chunks.add(Chunk.of(chunks.size(), text));
        }
        return new WaitingDocument(document, hash, chunks);
    }

    /** The chunks of documents, with their tokens. */
    static List<WaitingChunk> chunks(List<PreparedDocument> documents) {
        List<WaitingChunk> chunks = new ArrayList<>();
        for (int i = 0; i < documents.size(); i++) {
            List<TokenizedText> texts = documents.get(i).texts();
            for (int index = 0; index < texts.size(); index++) {
                chunks.add(new WaitingChunk(i, index, texts.get(index)));
            }
        }
        return chunks;
    }
}
