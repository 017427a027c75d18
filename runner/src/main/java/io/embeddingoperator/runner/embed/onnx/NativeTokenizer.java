package io.embeddingoperator.runner.embed.onnx;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.OptionalInt;

/**
 * The tokenizer of a {@code tokenizer.json} in the native library, asked for nothing but what is needed: ids or spans.
 * The native memory is released once this object is unreachable, so no call can meet a released tokenizer.
 */
final class NativeTokenizer {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

    private final long handle;

    /**
     * Reads a tokenizer, without the truncation and padding that its file asks for.
     *
     * @throws RuntimeException when the text is no tokenizer
     */
    NativeTokenizer(String json) {
        LibUtils.checkStatus();
        long created = LIBRARY.createTokenizerFromString(json);
        handle = created;
        CLEANER.register(this, () -> LIBRARY.deleteTokenizer(created));
        LIBRARY.disableTruncation(created);
        LIBRARY.disablePadding(created);
    }

    /** The text's token ids, with special tokens. */
    int[] ids(String text) {
        return encode(text, true, encoding -> {
            long[] ids = LIBRARY.getTokenIds(encoding);
            int[] narrow = new int[ids.length];
            for (int i = 0; i < ids.length; i++) {
                narrow[i] = Math.toIntExact(ids[i]);
            }
            return narrow;
        });
    }

    /** The id of a token that stands for itself, such as {@code </s>}. */
    OptionalInt id(String token) {
        long[] ids = encode(token, false, LIBRARY::getTokenIds);
        return ids.length == 1 ? OptionalInt.of(Math.toIntExact(ids[0])) : OptionalInt.empty();
    }

    /** Which of the text's tokens, special tokens included, the tokenizer added itself. */
    boolean[] added(String text) {
        return encode(text, true, encoding -> {
            long[] mask = LIBRARY.getSpecialTokenMask(encoding);
            boolean[] added = new boolean[mask.length];
            for (int i = 0; i < mask.length; i++) {
                added[i] = mask[i] != 0;
            }
            return added;
        });
    }

    /** Where the text's tokens stand, in code points; without special tokens. */
    CharSpan[] spans(String text) {
        return encode(text, false, LIBRARY::getTokenCharSpans);
    }

    private interface EncodingReader<T> {
        T read(long encoding);
    }

    private <T> T encode(String text, boolean withSpecialTokens, EncodingReader<T> reader) {
        try {
            long encoding = LIBRARY.encode(handle, text, withSpecialTokens);
            try {
                return reader.read(encoding);
            } finally {
                LIBRARY.deleteEncoding(encoding);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
