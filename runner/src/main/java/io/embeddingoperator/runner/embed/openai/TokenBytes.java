package io.embeddingoperator.runner.embed.openai;

import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.IntArrayList;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** How many bytes of UTF-8 a token is. Asking the encoding each time would copy the bytes of every token of a text. */
final class TokenBytes {
    private static final int MOST_TOKENS = 262_144;

    private final Encoding encoding;

    /** 0 where the length is not known yet. */
    private final AtomicIntegerArray known = new AtomicIntegerArray(MOST_TOKENS);

    TokenBytes(Encoding encoding) {
        this.encoding = encoding;
    }

    int of(int token) {
        int length = known.getPlain(token);
        if (length == 0) {
            IntArrayList one = new IntArrayList(1);
            one.add(token);
            length = encoding.decodeBytes(one).length;
            known.setPlain(token, length);
        }
        return length;
    }
}
