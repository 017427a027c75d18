package io.embeddingoperator.runner.source.files;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Decodes UTF-8 and replaces nothing. */
final class StrictUtf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private StrictUtf8() {}

    /** @throws InvalidUtf8Exception at the first byte that is none */
    static String decode(byte[] bytes) throws InvalidUtf8Exception {
        String text = new String(bytes, StandardCharsets.UTF_8);
        // The quick way writes this character for every flaw, but a text may also hold it by right.
        if (text.indexOf(REPLACEMENT) >= 0) {
            ByteBuffer input = ByteBuffer.wrap(bytes);
            if (decoder().decode(input, CharBuffer.allocate(bytes.length), true).isError()) {
                throw new InvalidUtf8Exception(input.position());
            }
        }
        return text;
    }

    /** A decoder that stops at the first byte that is no UTF-8. */
    static CharsetDecoder decoder() {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }
}
