package io.embeddingoperator.runner.postgres;

import java.nio.charset.StandardCharsets;

/** Names of columns and tables inside SQL text. */
public final class Identifier {
    /** The longest name that PostgreSQL keeps whole, in UTF-8. */
    public static final int MAX_BYTES = 63;

    private Identifier() {}

    /** The name and a suffix; the name is shortened, and told from others by a checksum, where both together are too long. */
    public static String withSuffix(String name, String suffix) {
        if (fits(name + suffix)) {
            return name + suffix;
        }
        String end = "_%08x".formatted(name.hashCode()) + suffix;
        String start = name;
        while (!fits(start + end)) {
            start = start.substring(0, start.offsetByCodePoints(start.length(), -1));
        }
        return start + end;
    }

    private static boolean fits(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }

    /** The name in double quotes, with its own doubled. */
    public static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
