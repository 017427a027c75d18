package io.embeddingoperator.runner.embed;

import java.util.List;

/** An embedder in this process. A call costs time alone, and takes many search texts as well as many documents. */
public interface LocalEmbedder extends Embedder {
    /** Counts and cuts texts of a type, with the prefix that the model wants for them. */
    Tokenizer tokenizer(InputType type);

    /**
     * Embeds a batch of one type.
     *
     * @param batch made by the {@link #tokenizer} of that type
     * @return one vector a text, in the same order, each of {@link #dimensions} finite floats
     * @throws EmbeddingException when the batch cannot be embedded; the caller finds the guilty text by itself
     */
    float[][] embed(List<TokenizedText> batch, InputType type) throws EmbeddingException;

    @Override
    default Tokenizer tokenizer() {
        return tokenizer(InputType.DOCUMENT);
    }

    @Override
    default float[][] embed(List<TokenizedText> batch) throws EmbeddingException {
        return embed(batch, InputType.DOCUMENT);
    }

    @Override
    default float[] embedQuery(String text) throws EmbeddingException {
        return embed(List.of(tokenizer(InputType.QUERY).tokenize(text)), InputType.QUERY)[0];
    }
}
