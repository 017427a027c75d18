package io.embeddingoperator.e2e.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program that a user has at hand, such as kubectl or helm, with the environment that it always gets.
 *
 * @param file the program
 * @param environment added to the environment of the tests
 */
public record Program(Path file, Map<String, String> environment) {
    /** What a call has brought: exit code, and both outputs together as a person would see them. */
    public record Answer(int exitCode, String text) {}

    public Program {
        environment = Map.copyOf(environment);
    }

    /** Runs it to its end and gives what it says; a failure is an error of the test. */
    public String run(String... arguments) {
        Answer answer = ask(arguments);
        if (answer.exitCode() != 0) {
            throw new AssertionError(
                    "%s %s: %s".formatted(file.getFileName(), String.join(" ", arguments), answer.text()));
        }
        return answer.text();
    }

    /** Runs it to its end, which may be a failure. */
    public Answer ask(String... arguments) {
        List<String> line = new ArrayList<>(List.of(file.toString()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return new Answer(process.waitFor(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
