package io.embeddingoperator.runner.source.files;

import java.nio.charset.CharacterCodingException;

/** Bytes are no UTF-8. */
final class InvalidUtf8Exception extends CharacterCodingException {
    private final int offset;

    /** @param offset of the first byte that is wrong */
    InvalidUtf8Exception(int offset) {
        this.offset = offset;
    }

    int offset() {
        return offset;
    }

    @Override
    public String getMessage() {
        return "not valid UTF-8 at byte %d".formatted(offset);
    }
}
