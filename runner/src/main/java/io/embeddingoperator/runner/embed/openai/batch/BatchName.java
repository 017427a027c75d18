package io.embeddingoperator.runner.embed.openai.batch;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The name of a batch, of which there is one in the whole world: it stands in the file's name, in the batch's metadata and in
 * every line, and so finds again what a crash or a lost reply left at the provider.
 */
public final class BatchName {
    private static final String PREFIX = "eb";
    private static final int RANDOM_BYTES = 10;

    public static final int LENGTH = PREFIX.length() + 2 * RANDOM_BYTES;

    private static final SecureRandom RANDOM = new SecureRandom();

    private BatchName() {}

    public static String create() {
        byte[] random = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(random);
        return PREFIX + HexFormat.of().formatHex(random);
    }
}
