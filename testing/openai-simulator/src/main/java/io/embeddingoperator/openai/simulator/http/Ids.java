package io.embeddingoperator.openai.simulator.http;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names of things, in the forms of OpenAI. */
final class Ids {
    private static final HexFormat HEX = HexFormat.of();
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int FILE_LETTERS = 22;

    private Ids() {}

    static String request() {
        return "req_" + hex(16);
    }

    static String batch() {
        return "batch_" + hex(16);
    }

    static String file() {
        StringBuilder id = new StringBuilder("file-");
        for (int letter = 0; letter < FILE_LETTERS; letter++) {
            id.append(LETTERS.charAt(ThreadLocalRandom.current().nextInt(LETTERS.length())));
        }
        return id.toString();
    }

    private static String hex(int bytes) {
        byte[] random = new byte[bytes];
        ThreadLocalRandom.current().nextBytes(random);
        return HEX.formatHex(random);
    }
}
