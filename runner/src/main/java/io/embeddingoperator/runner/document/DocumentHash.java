package io.embeddingoperator.runner.document;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** 128 bits of SHA-256 over everything that a document's vectors depend on: equal hashes, equal vectors. */
public record DocumentHash(long high, long low) {
    public static final int BYTES = 16;

    /** The hash of a text under a recipe: the fingerprint of chunking, model and every setting that changes a vector. */
    public static DocumentHash of(String recipe, String text) {
        MessageDigest digest = sha256();
        byte[] settings = recipe.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(settings.length).array());
        digest.update(settings);
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return fromBytes(digest.digest());
    }

    /** Reads the first {@link #BYTES} bytes. */
    public static DocumentHash fromBytes(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new DocumentHash(buffer.getLong(), buffer.getLong());
    }

    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
