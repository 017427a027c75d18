package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.runner.embed.onnx.settings.Stated;
import io.embeddingoperator.runner.embed.onnx.settings.TextSettings;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.Arrays;
import java.util.Optional;

/**
 * The tokens around a text that a tokenizer's own file leaves out, although the settings beside it ask for them.
 *
 * @param opening before a text, and {@code closing} behind it; empty where the tokenizer puts them there itself
 */
record SpecialTokens(int[] opening, int[] closing) {
    private static final String SAMPLE = "a";
    private static final int[] NONE = {};

    static SpecialTokens of(NativeTokenizer tokenizer, TextSettings settings) {
        int[] sample = tokenizer.ids(SAMPLE);
        int[] opening = tokens(tokenizer, settings.opening());
        int[] closing = tokens(tokenizer, settings.closing());
        boolean opens = sample.length > 0 && opening.length > 0 && sample[0] == opening[0];
        boolean closes = sample.length > 0 && closing.length > 0 && sample[sample.length - 1] == closing[0];
        return new SpecialTokens(opens ? NONE : opening, closes ? NONE : closing);
    }

    int[] around(int[] ids) {
        if (opening.length == 0 && closing.length == 0) {
            return ids;
        }
        int[] all = Arrays.copyOf(opening, opening.length + ids.length + closing.length);
        System.arraycopy(ids, 0, all, opening.length, ids.length);
        System.arraycopy(closing, 0, all, opening.length + ids.length, closing.length);
        return all;
    }

    private static int[] tokens(NativeTokenizer tokenizer, Optional<Stated<String>> token) {
        if (token.isEmpty()) {
            return NONE;
        }
        String text = token.get().value();
        return new int[] {
            tokenizer
                    .id(text)
                    .orElseThrow(() -> new SpecificationException(
                            ("%s of the model puts the token %s around texts, and its tokenizer.json has no such token: copy"
                                            + " both files from where the model was published")
                                    .formatted(token.get().source(), text)))
        };
    }
}
