package io.embeddingoperator.runner.embed.onnx;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import io.embeddingoperator.runner.embed.Surrogates;
import io.embeddingoperator.runner.embed.TextHead;
import io.embeddingoperator.runner.embed.TokenOffsets;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import io.embeddingoperator.runner.embed.onnx.settings.TextSettings;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalInt;

/** The tokenizer that an ONNX model was published with. */
final class ModelTokenizer implements Tokenizer {
    private final NativeTokenizer tokenizer;
    private final SpecialTokens special;
    private final boolean lowerCase;
    private final int padding;
    private final int maxTokens;
    private final String prefix;
    private final TextHead head;
    private final int overhead;
    private final int[] closing;
    private final OptionalInt unknown;
    private final long unknownOverhead;

    /**
     * A view of a tokenizer.
     *
     * @param prefix put before every text
     * @throws IllegalArgumentException when special tokens and prefix leave no room for a text
     */
    ModelTokenizer(TokenizerFile file, TextSettings settings, String prefix) {
        tokenizer = file.tokenizer();
        special = SpecialTokens.of(tokenizer, settings);
        lowerCase = settings.lowerCase();
        padding = file.ids().padding();
        unknown = file.ids().unknown();
        maxTokens = settings.maxTokens().value();
        this.prefix = prefix;
        head = new TextHead(maxTokens);
        closing = closingTokens();
        int[] aroundTexts = ids(prefix);
        overhead = aroundTexts.length;
        unknownOverhead = unknown(aroundTexts);
        if (overhead >= maxTokens) {
            throw new IllegalArgumentException(
                    "special tokens and prefix take %d of %d tokens, so no text fits".formatted(overhead, maxTokens));
        }
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public int overheadTokens() {
        return overhead;
    }

    @Override
    public TokenizedText tokenize(String text) {
        String wellFormed = Surrogates.wellFormed(text);
        for (int chars = head.first(wellFormed); ; chars = head.next(wellFormed, chars)) {
            int[] ids = ids(prefix + wellFormed.substring(0, chars));
            boolean whole = chars == wellFormed.length();
            if (whole || head.suffices(ids.length) || head.isLast(chars)) {
                return cut(text, ids, !whole);
            }
        }
    }

    @Override
    public TokenOffsets offsets(String text) {
        CharSpan[] spans = tokenizer.spans(Surrogates.wellFormed(text));
        int[] chars = Surrogates.charsOfCodePoints(text);
        int[] starts = new int[spans.length];
        int[] ends = new int[spans.length];
        for (int i = 0; i < spans.length; i++) {
            starts[i] = chars.length == 0 ? spans[i].getStart() : chars[spans[i].getStart()];
            ends[i] = chars.length == 0 ? spans[i].getEnd() : chars[spans[i].getEnd()];
        }
        return new TokenOffsets(starts, ends);
    }

    /** Tokens of a prefix, the special ones before it included: what stands before a text's own. */
    int promptTokens() {
        return prefix.isEmpty() ? 0 : overhead - closing.length;
    }

    private int[] ids(String text) {
        return special.around(tokenizer.ids(lowerCase ? text.toLowerCase(Locale.ROOT) : text));
    }

    /** Keeps the closing special tokens, as the model's own training did. */
    private TokenizedText cut(String text, int[] ids, boolean textWasCut) {
        if (ids.length == 0) {
            // A tokenizer without special tokens: the model cannot be shown nothing at all.
            return new TokenizedText(text, new int[] {padding}, textWasCut);
        }
        if (ids.length <= maxTokens) {
            return new TokenizedText(text, ids, textWasCut, isMostlyUnknown(ids));
        }
        int[] kept = Arrays.copyOf(ids, maxTokens);
        System.arraycopy(closing, 0, kept, maxTokens - closing.length, closing.length);
        return new TokenizedText(text, kept, true, isMostlyUnknown(kept));
    }

    /** Of the text's own tokens: models of bytes name a token for the unknown all the same, which ends their texts. */
    private boolean isMostlyUnknown(int[] ids) {
        int own = ids.length - overhead;
        return own > 0 && 2 * (unknown(ids) - unknownOverhead) >= own;
    }

    private long unknown(int[] ids) {
        return unknown.isEmpty()
                ? 0
                : Arrays.stream(ids).filter(id -> id == unknown.getAsInt()).count();
    }

    /** The special tokens after a text. */
    private int[] closingTokens() {
        String sample = "a";
        int[] ids = tokenizer.ids(sample);
        boolean[] added = tokenizer.added(sample);
        int start = ids.length;
        while (start > 0 && added[start - 1]) {
            start--;
        }
        int[] own = Arrays.copyOfRange(ids, start, ids.length);
        int[] all = Arrays.copyOf(own, own.length + special.closing().length);
        System.arraycopy(special.closing(), 0, all, own.length, special.closing().length);
        return all;
    }
}
