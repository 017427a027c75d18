package io.embeddingoperator.runner.embed.openai;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import io.embeddingoperator.runner.embed.Surrogates;
import io.embeddingoperator.runner.embed.TextHead;
import io.embeddingoperator.runner.embed.TokenOffsets;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import java.nio.charset.StandardCharsets;

/**
 * Counts tokens as OpenAI's models do, which have no special tokens. A token is a piece of UTF-8 and may be a part of a
 * character; texts are cut between characters alone. For models of other makers, whose tokens differ, the count is an estimate.
 */
public final class OpenAiTokenizer implements Tokenizer {
    /** Reading an encoding takes a second, so each is read once, when the first tokenizer needs it. */
    private static final EncodingRegistry ENCODINGS = Encodings.newLazyEncodingRegistry();

    private final Encoding encoding;
    private final TokenBytes lengths;
    private final int maxTokens;
    private final String prefix;
    private final int overhead;
    private final TextHead head;

    private OpenAiTokenizer(Encoding encoding, TokenBytes lengths, int maxTokens, String prefix) {
        this.encoding = encoding;
        this.lengths = lengths;
        this.maxTokens = maxTokens;
        this.prefix = Surrogates.wellFormed(prefix);
        this.overhead = ids(this.prefix).length;
        this.head = new TextHead(maxTokens);
        if (overhead >= maxTokens) {
            throw new IllegalArgumentException(
                    "the prefix takes %d of %d tokens, so no text fits".formatted(overhead, maxTokens));
        }
    }

    /**
     * @param model whose encoding is taken; for models that are not known that of OpenAI's embedding models
     * @param maxTokens of one text, the prefix included
     * @param prefix put before every text
     * @throws IllegalArgumentException when the prefix leaves no room for a text
     */
    public static OpenAiTokenizer of(String model, int maxTokens, String prefix) {
        Encoding encoding =
                ENCODINGS.getEncodingForModel(model).orElseGet(() -> ENCODINGS.getEncoding(EncodingType.CL100K_BASE));
        return new OpenAiTokenizer(encoding, new TokenBytes(encoding), maxTokens, prefix);
    }

    /** Whether the model is one of OpenAI's, so that its tokens are counted exactly. */
    static boolean knows(String model) {
        return ENCODINGS.getEncodingForModel(model).isPresent();
    }

    /** Whether what was read of the encoding, which is large, is in memory once for both. */
    boolean sharesEncodingWith(OpenAiTokenizer other) {
        return encoding == other.encoding;
    }

    /** The same encoding with another limit. */
    OpenAiTokenizer limitedTo(int tokens) {
        return new OpenAiTokenizer(encoding, lengths, tokens, prefix);
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public int overheadTokens() {
        return overhead;
    }

    /** White space alone counts as nothing. */
    @Override
    public TokenizedText tokenize(String text) {
        if (text.isBlank()) {
            return new TokenizedText(text, ids(prefix), false);
        }
        String wellFormed = Surrogates.wellFormed(text);
        for (int chars = head.first(wellFormed); ; chars = head.next(wellFormed, chars)) {
            int[] ids = ids(prefix + wellFormed.substring(0, chars));
            boolean whole = chars == wellFormed.length();
            if (whole && ids.length <= maxTokens) {
                return new TokenizedText(text, ids, false);
            }
            if (whole || head.suffices(ids.length) || head.isLast(chars)) {
                return new TokenizedText(text, cut(ids), true);
            }
        }
    }

    /** What is sent for a text: with the prefix in front, and no more than its tokens. */
    public String sent(TokenizedText text) {
        return text.truncated()
                ? new String(bytes(text.ids(), text.length()), StandardCharsets.UTF_8)
                : whole(text.text());
    }

    /**
     * The same for a text that was tokenized before.
     *
     * @param truncated whether it goes on beyond what the model takes
     */
    public String sent(String text, boolean truncated) {
        return truncated ? sent(tokenize(text)) : whole(text);
    }

    private String whole(String text) {
        return prefix + Surrogates.wellFormed(text);
    }

    /**
     * Tokens stand where the characters do that end in them; the parts of a character behind its first stand at its end and
     * hold nothing. White space, of which words' tokens and tokens of its own are full, is left out as other tokenizers do:
     * what lies between two tokens tells where a line or a paragraph ends.
     */
    @Override
    public TokenOffsets offsets(String text) {
        int[] ids = ids(Surrogates.wellFormed(text));
        int[] starts = new int[ids.length];
        int[] ends = new int[ids.length];
        int at = 0;
        long bytesAt = 0;
        long bytes = 0;
        for (int i = 0; i < ids.length; i++) {
            starts[i] = at;
            bytes += lengths.of(ids[i]);
            while (bytesAt < bytes && at < text.length()) {
                int point = text.codePointAt(at);
                bytesAt += utf8Length(point);
                at += Character.charCount(point);
            }
            ends[i] = at;
        }
        leaveOutWhiteSpace(text, starts, ends);
        return new TokenOffsets(starts, ends);
    }

    private static void leaveOutWhiteSpace(String text, int[] starts, int[] ends) {
        int next = text.length();
        for (int i = starts.length - 1; i >= 0; i--) {
            boolean holdsSomething = starts[i] < ends[i];
            while (ends[i] > starts[i] && Character.isWhitespace(text.charAt(ends[i] - 1))) {
                ends[i]--;
            }
            while (starts[i] < ends[i] && Character.isWhitespace(text.charAt(starts[i]))) {
                starts[i]++;
            }
            if (holdsSomething && starts[i] == ends[i]) {
                starts[i] = next;
                ends[i] = next;
            }
            next = starts[i];
        }
    }

    /** The most tokens that end with a whole character; what they say may be encoded in fewer, or other, tokens. */
    private int[] cut(int[] ids) {
        for (int kept = Math.min(maxTokens, ids.length); ; kept--) {
            byte[] bytes = bytes(ids, kept);
            int[] again = ids(new String(bytes, 0, wholeCharacters(bytes), StandardCharsets.UTF_8));
            if (again.length <= maxTokens) {
                return again;
            }
        }
    }

    /** Where the last whole character of UTF-8 ends. */
    private static int wholeCharacters(byte[] bytes) {
        int lead = bytes.length - 1;
        while (lead >= 0 && (bytes[lead] & 0xC0) == 0x80) {
            lead--;
        }
        if (lead < 0) {
            return 0;
        }
        int first = bytes[lead] & 0xFF;
        int length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        return lead + length <= bytes.length ? lead + length : lead;
    }

    private byte[] bytes(int[] ids, int count) {
        IntArrayList list = new IntArrayList(count);
        for (int i = 0; i < count; i++) {
            list.add(ids[i]);
        }
        return encoding.decodeBytes(list);
    }

    /** Words that the encoding uses as signals, such as {@code <|endoftext|>}, are plain text here. */
    private int[] ids(String text) {
        return encoding.encodeOrdinary(text).toArray();
    }

    private static int utf8Length(int point) {
        if (point < 0x80) {
            return 1;
        }
        if (point < 0x800) {
            return 2;
        }
        return point < 0x10000 ? 3 : 4;
    }
}
