package io.embeddingoperator.openai.simulator.embedding;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;

/** The tokens of OpenAI's embedding models. */
public final class Tokens {
    /** Of cl100k_base: ordinary tokens, a gap, special ones. */
    private static final int VOCABULARY = 100_256;

    private static final Encoding ENCODING = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.CL100K_BASE);

    private Tokens() {}

    /** Special tokens in a text are text. */
    public static int count(String text) {
        return ENCODING.countTokensOrdinary(text);
    }

    static boolean known(int token) {
        return token >= 0 && token < VOCABULARY;
    }

    static byte[] text(int[] tokens) {
        IntArrayList list = new IntArrayList(tokens.length);
        for (int token : tokens) {
            list.add(token);
        }
        return ENCODING.decodeBytes(list);
    }
}
