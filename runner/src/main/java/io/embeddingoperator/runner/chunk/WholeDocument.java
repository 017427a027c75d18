package io.embeddingoperator.runner.chunk;

import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import java.util.List;
import java.util.Objects;

/** One chunk a document. */
record WholeDocument(Tokenizer tokenizer) implements Chunker {
    WholeDocument {
        Objects.requireNonNull(tokenizer, "tokenizer");
    }

    @Override
    public List<TokenizedText> chunk(String text) {
        TokenizedText tokens = tokenizer.tokenize(text);
        return tokens.length() > tokenizer.overheadTokens()
                        || tokenizer.offsets(text).holdText()
                ? List.of(tokens)
                : List.of();
    }

    @Override
    public String fingerprint() {
        return "None";
    }
}
