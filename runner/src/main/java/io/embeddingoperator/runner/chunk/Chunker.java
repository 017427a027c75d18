package io.embeddingoperator.runner.chunk;

import io.embeddingoperator.api.v1alpha1.ChunkingSpec;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import java.util.List;

/** Turns a document's text into chunks. Safe for concurrent use. */
public sealed interface Chunker permits WholeDocument, RecursiveChunker {
    /** The parts that become chunks, in the order of the text; empty when the tokenizer finds nothing in it. */
    List<TokenizedText> chunk(String text);

    /** Names every setting that changes a chunk. */
    String fingerprint();

    static Chunker of(ChunkingSpec spec, Tokenizer tokenizer) {
        return switch (spec.strategy()) {
            case None -> new WholeDocument(tokenizer);
            case Recursive -> new RecursiveChunker(tokenizer, spec.maxTokens(), spec.overlapTokens());
        };
    }
}
