package io.embeddingoperator.runner.logging;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** How log lines are written; {@code logback.xml} has an appender for each, under the name that a person gives. */
public enum LogFormat {
    /** For a person. What a run tells in the end stands on standard output, and a failure's sentence alone. */
    TEXT("text"),
    /** For a program: an object a line, and no line that is none. */
    JSON("json");

    private final String name;

    LogFormat(String name) {
        this.name = name;
    }

    /** The format that {@link EnvironmentVariable#LOG_FORMAT} names, text where it names none; empty for another word. */
    public static Optional<LogFormat> of(Map<String, String> variables) {
        String named = variables.getOrDefault(EnvironmentVariable.LOG_FORMAT, TEXT.name);
        return Arrays.stream(values())
                .filter(format -> format.name.equals(named))
                .findFirst();
    }
}
