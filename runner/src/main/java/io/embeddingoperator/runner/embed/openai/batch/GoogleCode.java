package io.embeddingoperator.runner.embed.openai.batch;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The code of an error in a line of Google's, which is one of gRPC or a status of HTTP. */
final class GoogleCode {
    private static final int FIRST_STATUS = 100;
    private static final int INTERNAL_ERROR = 500;

    private GoogleCode() {}

    /** As a status of HTTP; empty where the request was not worked on. */
    static OptionalInt status(@Nullable String code) {
        return switch (code) {
            case null -> OptionalInt.empty();
            // The line was cancelled with its batch.
            case "1", "499" -> OptionalInt.empty();
            case "3", "9", "11" -> OptionalInt.of(400);
            case "16" -> OptionalInt.of(401);
            case "7" -> OptionalInt.of(403);
            case "5" -> OptionalInt.of(404);
            case "8" -> OptionalInt.of(429);
            case "14" -> OptionalInt.of(503);
            case "4" -> OptionalInt.of(504);
            default -> OptionalInt.of(other(code));
        };
    }

    private static int other(String code) {
        boolean status = code.matches("\\d{3}") && Integer.parseInt(code) >= FIRST_STATUS;
        return status ? Integer.parseInt(code) : INTERNAL_ERROR;
    }
}
